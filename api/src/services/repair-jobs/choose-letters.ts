import type { EffectKnowledge, GroupRepair, RepairPreview } from '@everwave/schema/api';
import { deadLetterIdSchema, runIdSchema } from '@everwave/schema/ids';
import { isOpenLetter, tables, type Transaction } from '@everwave/schema/db';
import { and, asc, eq } from 'drizzle-orm';
import { type Reach, whyMissing, within } from '../../auth/within.ts';
import { groupMissing } from '../dead-letters/group-missing.ts';
import { effectKnowledge } from '../dead-letters/effect-knowledge.ts';

const { deadLetters, flows } = tables;

export interface ChosenLetter {
  readonly id: string;
  readonly runId: string;
  readonly path: string;
  readonly ordinal: number;
  readonly effect: EffectKnowledge;
}

export interface Choice {
  /** In the order in which they are to be repaired: the first one is the canary. */
  readonly letters: readonly ChosenLetter[];
  readonly preview: RepairPreview;
  readonly group: { readonly flowId: string; readonly stepId: string; readonly failureName: string };
}

/** Whether doing the step again may have an effect a second time. */
const mayRepeat = (repair: GroupRepair, effect: EffectKnowledge): boolean =>
  repair.action === 'retry' && (effect === 'unsure' || (effect === 'confirmed' && repair.edit !== undefined));

/** Which open letters of a group a repair takes, and what it would do, in numbers. Changes nothing. */
export const chooseLetters = async (
  tx: Transaction,
  reach: Reach,
  fingerprint: string,
  repair: GroupRepair,
): Promise<Choice> => {
  const { orgId } = reach.caller;
  const mine = and(
    eq(deadLetters.orgId, orgId),
    eq(deadLetters.fingerprint, fingerprint),
    within(reach, 'flow', deadLetters.flowId),
  );
  const [any] = await tx.select().from(deadLetters).where(mine).limit(1);
  if (!any) throw await whyMissing(tx, reach, groupMissing(orgId, fingerprint));
  const open: readonly ChosenLetter[] = await tx
    .select({
      id: deadLetters.id,
      runId: deadLetters.runId,
      path: deadLetters.path,
      ordinal: deadLetters.ordinal,
      effect: effectKnowledge,
    })
    .from(deadLetters)
    // Joined although nothing of it is read: with one table alone the columns above would lose its name.
    .innerJoin(flows, eq(flows.id, deadLetters.flowId))
    .where(and(mine, isOpenLetter))
    .orderBy(asc(deadLetters.openedAt), asc(deadLetters.id));
  const isTaken = ({ effect }: ChosenLetter) =>
    repair.action !== 'retry' || repair.doubtful === 'repeat' || !mayRepeat(repair, effect);
  const taken = open.filter(isTaken);
  const repeats = taken.filter(({ effect }) => mayRepeat(repair, effect));
  // The canary is one that cannot have an effect twice, if there is one.
  const letters = [...taken.filter(({ effect }) => !mayRepeat(repair, effect)), ...repeats];
  const of = (effect: EffectKnowledge) => letters.filter((letter) => letter.effect === effect).length;
  const [first] = letters;
  const numbers = {
    letters: letters.length,
    runs: new Set(letters.map(({ runId }) => runId)).size,
    left: open.length - letters.length,
    effects: { none: of('none'), failed: of('failed'), unsure: of('unsure'), confirmed: of('confirmed') },
    repeated: repeats.length,
    canary:
      first && repair.canary
        ? { deadLetterId: deadLetterIdSchema.parse(first.id), runId: runIdSchema.parse(first.runId) }
        : null,
  };
  return {
    letters,
    preview: { ...numbers, words: wordsOf(repair, numbers) },
    group: { flowId: any.flowId, stepId: any.stepId, failureName: any.failure.name },
  };
};

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

const wordsOf = (repair: GroupRepair, numbers: Omit<RepairPreview, 'words'>): string => {
  const { letters, runs, left, effects, repeated, canary } = numbers;
  if (letters === 0) {
    return left === 0 ? 'Nothing waits in this group.' : `Nothing to repair: ${left} may have had their effect.`;
  }
  const steps = counted(letters, 'step');
  const where = `in ${counted(runs, 'run')}`;
  const sentences = [whatHappens(repair, steps, where)];
  if (repair.action === 'retry') {
    if (repair.edit) sentences.push('Each gets your edit on its own input, and counts as a new effect.');
    else if (effects.confirmed > 0) sentences.push(`${effects.confirmed} have had their effect: it is not repeated.`);
    if (repeated > 0) sentences.push(`${counted(repeated, 'effect')} may happen a second time.`);
    if (left > 0) sentences.push(`${counted(left, 'step')} whose effect may have happened stay as they are.`);
  }
  if (canary) sentences.push('One goes first; the rest follow only when it has succeeded.');
  return sentences.join(' ');
};

const whatHappens = ({ action }: GroupRepair, steps: string, where: string): string => {
  switch (action) {
    case 'retry':
      return `Runs ${steps} again ${where}; nothing before them runs again.`;
    case 'complete':
      return `Completes ${steps} ${where} with the output you give; the steps do not run.`;
    case 'skip':
      return `Skips ${steps} ${where}; what follows only from them is skipped too.`;
    case 'fail':
      return `Ends the runs of ${steps} as failed, ${where}, for good.`;
  }
};
