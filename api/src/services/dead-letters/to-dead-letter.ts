import type { DeadLetter } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import { deadLetterIdSchema, flowIdSchema, runIdSchema } from '@everwave/schema/ids';
import type { tables } from '@everwave/schema/db';
import type { Mask } from '@everwave/schema/run';
import { additionalData } from '@everwave/temporal/encryption';
import { openShown } from '@everwave/temporal/values';
import type { ServiceContext } from '../../context.ts';
import { runUrl } from '../../settings.ts';
import { openWhole } from '../runs/read-value.ts';
import { showValue } from '../runs/show-value.ts';
import { toMoment } from '../runs/to-run.ts';

export type LetterRow = typeof tables.deadLetters.$inferSelect;

export interface FoundDeadLetter {
  readonly id: string;
  readonly letter: LetterRow;
  readonly flowName: string;
}

const inputOf = ({ orgId, runId, path, ordinal, inputSealed: sealed }: LetterRow) => ({
  orgId,
  sealed,
  binding: additionalData.deadLetterInput(runId, path, ordinal),
});

/**
 * The input with which the step failed; undefined when it never had one. `kept`: it is made of values outside of the run,
 * which puts it together itself.
 */
export const openLetterInput = async (
  context: Pick<ServiceContext, 'db' | 'ring'>,
  letter: LetterRow,
): Promise<{ readonly value: Json } | 'kept' | undefined> => {
  const { sealed, ...which } = inputOf(letter);
  if (!sealed) return undefined;
  const shown = await openShown(context.ring, { ...which, sealed });
  if ('recipe' in shown) return 'kept';
  return { value: 'value' in shown ? shown.value : await openWhole(context, { ...which, sealed }) };
};

export const toDeadLetter = async (
  context: Pick<ServiceContext, 'ring' | 'settings'>,
  { letter, flowName }: FoundDeadLetter,
  mask: Mask | null,
): Promise<DeadLetter> => {
  const { runId, dismissedAt, dismissedBy, dismissalReason } = letter;
  const { value: input, reference } = await showValue(context.ring, inputOf(letter), mask);
  return {
    id: deadLetterIdSchema.parse(letter.id),
    runId: runIdSchema.parse(runId),
    runUrl: runUrl(context.settings, runId),
    flowId: flowIdSchema.parse(letter.flowId),
    flowName,
    path: letter.path,
    stepId: letter.stepId,
    ordinal: letter.ordinal,
    fingerprint: letter.fingerprint,
    failure: letter.failure,
    attempts: letter.attempts,
    ...(input === undefined ? {} : { input }),
    ...(reference && { inputReference: reference }),
    openedAt: letter.openedAt.toISOString(),
    resolvedAt: toMoment(letter.resolvedAt),
    resolution: letter.resolution,
    resolvedBy: letter.resolvedBy,
    dismissal: dismissedAt && {
      at: dismissedAt.toISOString(),
      by: dismissedBy ?? '',
      reason: dismissalReason ?? '',
    },
  };
};
