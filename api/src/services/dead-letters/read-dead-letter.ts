import type { DeadLetterDetail } from '@everwave/schema/api';
import { repairJobIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, eq, isNull } from 'drizzle-orm';
import { type Reach, whyMissing, within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { maskFor } from '../masking/mask-for.ts';
import { drawnField } from './drawn-step.ts';
import { effectKnowledge } from './effect-knowledge.ts';
import { type LetterRow, toDeadLetter } from './to-dead-letter.ts';

const { deadLetters, flows, repairJobs } = tables;

/** The letter of the caller's org, kept from others until the transaction ends. */
export const lockLetter = async (tx: Transaction, reach: Reach, deadLetterId: string): Promise<LetterRow> => {
  const where = isLetter(reach, deadLetterId);
  const [row] = await tx
    .select()
    .from(deadLetters)
    .where(and(where, within(reach, 'flow', deadLetters.flowId)))
    .for('update');
  if (row) return row;
  throw await whyMissing(tx, reach, { from: deadLetters, where, notFound: letterNotFound(deadLetterId) });
};

const isLetter = ({ caller }: Reach, deadLetterId: string) =>
  and(eq(deadLetters.id, deadLetterId), eq(deadLetters.orgId, caller.orgId));

const letterNotFound = (deadLetterId: string) =>
  problem('dead_letter_not_found', `Your org has no dead letter ${deadLetterId}.`);

/** One letter with the step's input, what is known of its effect, and whether its group is being repaired. */
export const readDeadLetter = async (
  context: ServiceContext,
  deadLetterId: string,
  unmask?: boolean,
): Promise<DeadLetterDetail> => {
  const { db, caller } = context;
  const found = await withOrg(db, caller.orgId, async (tx) => {
    const where = isLetter(context, deadLetterId);
    const [row] = await tx
      .select({
        id: deadLetters.id,
        letter: deadLetters,
        flowName: flows.name,
        stepTitle: drawnField('title'),
        nodeKind: drawnField('kind'),
        effect: effectKnowledge,
        repairJobId: repairJobs.id,
      })
      .from(deadLetters)
      .innerJoin(flows, eq(flows.id, deadLetters.flowId))
      .leftJoin(
        repairJobs,
        and(
          eq(repairJobs.orgId, deadLetters.orgId),
          eq(repairJobs.fingerprint, deadLetters.fingerprint),
          isNull(repairJobs.finishedAt),
        ),
      )
      .where(and(where, within(context, 'flow', deadLetters.flowId)));
    const target = { kind: 'deadLetter', id: deadLetterId } as const;
    if (row) return { ...row, mask: await maskFor(tx, context, { flowId: row.letter.flowId, target, unmask }) };
    throw await whyMissing(tx, context, { from: deadLetters, where, notFound: letterNotFound(deadLetterId) });
  });
  return {
    ...(await toDeadLetter(context, found, found.mask)),
    stepTitle: found.stepTitle ?? found.letter.stepId,
    nodeKind: found.nodeKind,
    effect: found.effect,
    repairJobId: found.repairJobId === null ? null : repairJobIdSchema.parse(found.repairJobId),
  };
};
