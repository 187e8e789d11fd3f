import type { DeadLetterState } from '@everwave/schema/api';
import { isOpenLetter, tables } from '@everwave/schema/db';
import { and, isNotNull, isNull, type SQL } from 'drizzle-orm';

const { deadLetters } = tables;

/** One that was decided is `resolved`, whether it had been dismissed before or not. */
export const isInState: Readonly<Record<DeadLetterState, SQL | undefined>> = {
  open: isOpenLetter,
  dismissed: and(isNull(deadLetters.resolvedAt), isNotNull(deadLetters.dismissedAt)),
  resolved: isNotNull(deadLetters.resolvedAt),
};
