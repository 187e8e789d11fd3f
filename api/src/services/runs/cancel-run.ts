import type { RunRepairReply } from '@everwave/schema/api';
import { isClosed } from '@everwave/schema/run';
import { withOrg } from '@everwave/schema/db';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { getRun } from './find-run.ts';
import { repairRunOfOrg } from './repair-run.ts';

/** Ends a run before its end; running activities are told. A run that has ended is refused. */
export const cancelRunOfOrg = async (context: ServiceContext, runId: string): Promise<RunRepairReply> => {
  const { status } = await withOrg(context.db, context.caller.orgId, (tx) => getRun(tx, context, runId));
  if (isClosed(status)) throw problem('repair_refused', `This run is already ${status}.`);
  return repairRunOfOrg(context, runId, { action: 'cancelRun' });
};
