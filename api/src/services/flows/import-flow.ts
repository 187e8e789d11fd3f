import { fromExport } from '@everwave/schema/flow';
import type { FlowId } from '@everwave/schema/ids';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { createFlow } from './create-flow.ts';

/** A new, switched-off flow from an exported file. Whoever imports it chooses its connections. */
export const importFlow = async (context: ServiceContext, file: unknown): Promise<FlowId> => {
  const imported = fromExport(file);
  if (!imported.ok) {
    throw problem('import_invalid', 'This file is not a flow that Everwave exported.', { errors: imported.problems });
  }
  return createFlow(context, imported.flow, { from: 'import' });
};
