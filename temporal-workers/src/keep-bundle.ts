import { createLogger } from '@everwave/temporal/logger';
import { loadWorkflowBundle } from './bundle.ts';

/** Builds the workflow bundle into the folder where a worker looks for it, so that an image brings it along. */
const log = createLogger({ service: 'worker', level: 'info' });
await loadWorkflowBundle(log);
if (!('codePath' in (await loadWorkflowBundle(log)))) {
  throw new Error('The workflow bundle was built and not kept, so every start of a worker would build it again.');
}
