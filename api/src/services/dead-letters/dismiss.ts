import type { DeadLetterDetail, Dismissed, DismissRequest, GroupRepair } from '@everwave/schema/api';
import {
  type DeadLetterGroup,
  isOpenLetter,
  noteDeadLetterGroups,
  tables,
  type Transaction,
  withOrg,
} from '@everwave/schema/db';
import { and, eq, type SQL } from 'drizzle-orm';
import { type Reach, whyMissing, within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { groupMissing } from './group-missing.ts';
import { audit } from '../audit.ts';
import { insertRepairJob, sealRepairJob } from '../repair-jobs/create-repair-job.ts';
import { repairRunOfOrg } from '../runs/repair-run.ts';
import { isInState } from './letter-state.ts';
import { lockLetter, readDeadLetter } from './read-dead-letter.ts';
import type { LetterRow } from './to-dead-letter.ts';

const { deadLetters } = tables;

/** Takes one letter out of the inbox. Its run goes on waiting, or ends as failed first: what cannot be ended stays in the inbox. */
export const dismissLetter = async (
  context: ServiceContext,
  deadLetterId: string,
  { reason, run }: DismissRequest,
): Promise<DeadLetterDetail> => {
  const { db, caller } = context;
  const { runId, path, ordinal } = await withOrg(db, caller.orgId, async (tx) =>
    refuseClosed(await lockLetter(tx, context, deadLetterId)),
  );
  if (run === 'fail') {
    await repairRunOfOrg(context, runId, { action: 'failRun', letter: { path, ordinal }, comment: reason });
  }
  await withOrg(db, caller.orgId, async (tx) => {
    const letter = await lockLetter(tx, context, deadLetterId);
    // By failing its run it is decided, or about to be: the reason belongs to it all the same.
    if (run === 'wait') refuseClosed(letter);
    await markDismissed(tx, context, eq(deadLetters.id, deadLetterId), reason);
    await audit(tx, context, {
      action: 'dead_letter.dismissed',
      target: { kind: 'dead_letter', id: deadLetterId },
      details: { runId, path, ordinal, reason, run },
    });
  });
  return readDeadLetter(context, deadLetterId);
};

const refuseClosed = (letter: LetterRow): LetterRow => {
  if (letter.resolvedAt === null) return letter;
  throw problem('dead_letter_closed', `This dead letter was decided already: ${letter.resolution}.`);
};

/** Takes every open letter of a group out of the inbox. Ending their runs is a repair of its own, which takes its time. */
export const dismissGroup = async (
  context: ServiceContext,
  fingerprint: string,
  { reason, run }: DismissRequest,
): Promise<Dismissed> => {
  const { db, caller } = context;
  const failing: GroupRepair = { action: 'fail', canary: false, ratePerSecond: 5, comment: reason };
  const job = run === 'fail' ? await sealRepairJob(context, fingerprint, failing) : null;
  const dismissed = await withOrg(db, caller.orgId, async (tx) => {
    await refuseUnknownGroup(tx, context, fingerprint);
    if (job) await insertRepairJob(tx, context, job);
    const letters = await markDismissed(tx, context, and(isOfGroup(context, fingerprint), isOpenLetter), reason);
    await audit(tx, context, {
      action: 'dead_letters.dismissed',
      target: { kind: 'dead_letter_group', id: fingerprint },
      details: { letters, reason, run, ...(job && { jobId: job.id }) },
    });
    return letters;
  });
  if (job) context.repairer.kick();
  return { dismissed, repairJobId: job?.id ?? null };
};

const isOfGroup = (reach: Reach, fingerprint: string) =>
  and(
    eq(deadLetters.orgId, reach.caller.orgId),
    eq(deadLetters.fingerprint, fingerprint),
    within(reach, 'flow', deadLetters.flowId),
  );

const refuseUnknownGroup = async (tx: Transaction, context: ServiceContext, fingerprint: string): Promise<void> => {
  const [any] = await tx
    .select({ id: deadLetters.id })
    .from(deadLetters)
    .where(isOfGroup(context, fingerprint))
    .limit(1);
  if (any) return;
  throw await whyMissing(tx, context, groupMissing(context.caller.orgId, fingerprint));
};

const groupOf = ({ orgId, fingerprint, flowId, stepId, failure }: LetterRow): DeadLetterGroup => ({
  orgId,
  fingerprint,
  flowId,
  stepId,
  failureName: failure.name,
});

const markDismissed = (
  tx: Transaction,
  { caller }: ServiceContext,
  which: SQL | undefined,
  reason: string,
): Promise<number> => change(tx, which, { dismissedAt: new Date(), dismissedBy: caller.name, dismissalReason: reason });

const change = async (
  tx: Transaction,
  which: SQL | undefined,
  dismissal: Pick<LetterRow, 'dismissedAt' | 'dismissedBy' | 'dismissalReason'>,
): Promise<number> => {
  // In the order of their ids, so that two who do the same do not wait for each other in a circle.
  await tx.select({ id: deadLetters.id }).from(deadLetters).where(which).orderBy(deadLetters.id).for('update');
  const changed = await tx.update(deadLetters).set(dismissal).where(which).returning();
  await noteDeadLetterGroups(tx, changed.map(groupOf));
  return changed.length;
};

const taken = { dismissedAt: null, dismissedBy: null, dismissalReason: null };

/** Back into the inbox. Restoring one that is there changes nothing; one that is decided cannot come back. */
export const restoreLetter = async (context: ServiceContext, deadLetterId: string): Promise<DeadLetterDetail> => {
  await withOrg(context.db, context.caller.orgId, async (tx) => {
    const letter = refuseClosed(await lockLetter(tx, context, deadLetterId));
    if (letter.dismissedAt === null) return;
    await change(tx, eq(deadLetters.id, deadLetterId), taken);
    await audit(tx, context, {
      action: 'dead_letter.restored',
      target: { kind: 'dead_letter', id: deadLetterId },
      details: { runId: letter.runId, path: letter.path, ordinal: letter.ordinal },
    });
  });
  return readDeadLetter(context, deadLetterId);
};

/** Brings back every dismissed letter of a group that still waits. */
export const restoreGroup = (context: ServiceContext, fingerprint: string): Promise<{ restored: number }> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    await refuseUnknownGroup(tx, context, fingerprint);
    const restored = await change(tx, and(isOfGroup(context, fingerprint), isInState.dismissed), taken);
    if (restored > 0) {
      await audit(tx, context, {
        action: 'dead_letters.restored',
        target: { kind: 'dead_letter_group', id: fingerprint },
        details: { letters: restored },
      });
    }
    return { restored };
  });
