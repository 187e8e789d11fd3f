import type { DeadLetter } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import { deadLetterIdSchema, flowIdSchema, runIdSchema } from '@everwave/schema/ids';
import type { tables } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import type { ServiceContext } from '../../context.ts';
import { runUrl } from '../../settings.ts';
import { toMoment } from '../runs/to-run.ts';

export type LetterRow = typeof tables.deadLetters.$inferSelect;

export interface FoundDeadLetter {
  readonly id: string;
  readonly letter: LetterRow;
  readonly flowName: string;
}

/** The input with which the step failed; undefined when it never had one. */
export const openLetterInput = async (
  { ring }: Pick<ServiceContext, 'ring'>,
  { orgId, runId, path, ordinal, inputSealed }: LetterRow,
): Promise<Json | undefined> =>
  inputSealed
    ? ring.openJson<Json>(orgId, inputSealed, additionalData.deadLetterInput(runId, path, ordinal))
    : undefined;

export const toDeadLetter = async (
  context: Pick<ServiceContext, 'ring' | 'settings'>,
  { letter, flowName }: FoundDeadLetter,
): Promise<DeadLetter> => {
  const { runId, dismissedAt, dismissedBy, dismissalReason } = letter;
  const input = await openLetterInput(context, letter);
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
