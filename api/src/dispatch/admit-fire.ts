import { tables, type Transaction } from '@everwave/schema/db';
import type { OverlapPolicy, Schedule } from '@everwave/schema/flow';
import type { RunStatus } from '@everwave/schema/run';
import { and, eq, inArray, lt } from 'drizzle-orm';
import { admitRun, readWhenFull } from '../limits/admit-run.ts';

const { deliveries, runs, triggers } = tables;

const underWay: RunStatus[] = ['queued', 'running', 'waiting'];

export interface HeldFire {
  readonly id: string;
  readonly orgId: string;
  readonly flowId: string;
  readonly triggerId: string;
  readonly schedule: Schedule;
}

/** `line` and `own`: it starts, see `Admission`. `later`: it stays where it is. */
export type FireAdmission =
  | { readonly place: 'line' | 'own' | 'later' }
  | { readonly place: 'none'; readonly why: string };

/**
 * Decides what becomes of a fire, by how its schedule overlaps and by what its flow does when it is full. Held true until
 * the transaction, which adds the run, has ended. A run that waits for a repair holds no later one up.
 */
export const admitFire = async (tx: Transaction, fire: HeldFire): Promise<FireAdmission> => {
  const { orgId, flowId, triggerId, schedule } = fire;
  await tx.select({ id: triggers.id }).from(triggers).where(eq(triggers.id, triggerId)).for('update');
  const overlap = await overlapOf(tx, fire, schedule.overlap);
  if (overlap.place !== 'line') return overlap;
  return admitRun(tx, orgId, flowId, await readWhenFull(tx, orgId, flowId));
};

const overlapOf = async (tx: Transaction, fire: HeldFire, policy: OverlapPolicy): Promise<FireAdmission> => {
  if (policy === 'allow' || !(await hasRunUnderWay(tx, fire))) return { place: 'line' };
  if (policy === 'skip') return { place: 'none', why: 'The last run of the schedule was still under way.' };
  if (policy === 'bufferAll') return { place: 'later' };
  return (await isFirstInLine(tx, fire))
    ? { place: 'later' }
    : { place: 'none', why: 'An earlier time of the schedule waits already for the last run.' };
};

const hasRunUnderWay = async (tx: Transaction, { orgId, flowId, triggerId }: HeldFire): Promise<boolean> => {
  const [open] = await tx
    .select({ id: runs.id })
    .from(runs)
    .where(
      and(
        eq(runs.orgId, orgId),
        inArray(runs.status, underWay),
        eq(runs.flowId, flowId),
        eq(runs.triggerId, triggerId),
      ),
    )
    .limit(1);
  return open !== undefined;
};

const isFirstInLine = async (tx: Transaction, { id, orgId, triggerId }: HeldFire): Promise<boolean> => {
  const ofSchedule = and(eq(deliveries.orgId, orgId), eq(deliveries.triggerId, triggerId));
  const [earlier] = await tx
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(and(ofSchedule, eq(deliveries.status, 'held'), lt(deliveries.id, id)))
    .limit(1);
  return earlier === undefined;
};
