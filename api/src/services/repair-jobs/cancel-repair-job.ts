import type { RepairJob } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { and, eq, isNull } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { audit } from '../audit.ts';
import { endJob } from './end-job.ts';
import { getRepairJob } from './read-repair-jobs.ts';

const { repairJobs } = tables;

/** No further letter is begun from here on; what was sent takes its course. A job that has ended stays as it is. */
export const cancelRepairJob = async (context: ServiceContext, id: string): Promise<RepairJob> => {
  const job = await withOrg(context.db, context.caller.orgId, async (tx) => {
    const { fingerprint } = await getRepairJob(tx, context, { id });
    const [open] = await tx
      .select({ id: repairJobs.id })
      .from(repairJobs)
      .where(and(eq(repairJobs.id, id), isNull(repairJobs.finishedAt)))
      .for('update');
    if (open) {
      await endJob(tx, id, { status: 'cancelled', cancelledBy: context.caller.name });
      await audit(tx, context, {
        action: 'dead_letters.repair_cancelled',
        target: { kind: 'dead_letter_group', id: fingerprint },
        details: { jobId: id },
      });
    }
    return getRepairJob(tx, context, { id });
  });
  context.repairer.kick();
  return job;
};
