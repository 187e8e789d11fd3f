import { errorChain } from '@everwave/schema/db';
import { DrizzleQueryError } from 'drizzle-orm';

/** The violated unique index, or null when the error is about something else. */
export const uniqueViolationOf = (error: unknown): string | null => {
  const violation = errorChain(error).find(({ code }) => code === '23505');
  return typeof violation?.['constraint_name'] === 'string' ? violation['constraint_name'] : null;
};

/** The error without the values of its query, which may be somebody's data: for logs. */
export const toLoggable = (error: unknown): unknown =>
  error instanceof DrizzleQueryError ? new Error('A database query failed', { cause: toLoggable(error.cause) }) : error;
