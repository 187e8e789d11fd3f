import { errorChain } from '@everwave/schema/db';

/** The violated unique index, or null when the error is about something else. */
export const uniqueViolationOf = (error: unknown): string | null => {
  const violation = errorChain(error).find(({ code }) => code === '23505');
  return typeof violation?.['constraint_name'] === 'string' ? violation['constraint_name'] : null;
};
