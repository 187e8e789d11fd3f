import { fileURLToPath } from 'node:url';
import { createActivities } from '@everwave/activities/worker';
import { createDatabase } from '@everwave/schema/db';
import { taskQueues } from '@everwave/schema/run';
import { createDataConverter, failureConverterPath } from '@everwave/temporal/data-converter';
import { createKeyRing, loadMasterKeys } from '@everwave/temporal/encryption';
import { createLogger } from '@everwave/temporal/logger';
import { createNativeConnection } from '@everwave/temporal/native-connection';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { readEnvironment } from '../../../temporal-workers/src/env.ts';
import { installRuntime } from '../../../temporal-workers/src/runtime.ts';
import { createActivityDependencies } from '../../../temporal-workers/src/stores/activity-dependencies.ts';
import { workerSettings } from '../../../temporal-workers/src/worker-settings.ts';
import { withLeanWorkflowThread } from '../../../temporal-workers/src/workflow-thread.ts';

// A worker as ours, settings, activities, ledger and encryption included, but for the workflows: those are written by hand,
// and nothing is reported to a projection.

const environment = readEnvironment();
const logger = createLogger({ service: 'by-hand', level: environment.logLevel });
installRuntime(logger);

const db = createDatabase({ url: environment.databaseUrl, applicationName: 'everwave-by-hand' });
const ring = createKeyRing({ db, masterKeys: loadMasterKeys(environment.masterKeys) });
const connection = await createNativeConnection(environment.temporal);
const workflowBundle = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
  failureConverterPath,
  logger: new DefaultLogger('WARN', ({ message }) => logger.debug(message)),
});
const worker = await withLeanWorkflowThread(() =>
  Worker.create({
    connection,
    namespace: environment.temporal.namespace,
    taskQueue: taskQueues.flow,
    workflowBundle,
    activities: createActivities(
      createActivityDependencies({ db, ring, logger, egressAllow: environment.egressAllow }),
    ),
    dataConverter: createDataConverter({ ring, withoutOrg: 'withhold' }),
    ...workerSettings,
    shutdownGraceTime: '20s',
  }),
);
process.once('SIGTERM', () => worker.shutdown());
const running = worker.run();
logger.info('worker ready');
await running;
await connection.close();
await db.$client.end({ timeout: 5 });
process.exit(0);
