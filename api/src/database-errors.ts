import { DrizzleQueryError } from 'drizzle-orm';

const chainOf = (error: unknown, depth = 5): readonly Record<string, unknown>[] =>
  typeof error === 'object' && error !== null && depth > 0
    ? [error as Record<string, unknown>, ...chainOf((error as { cause?: unknown }).cause, depth - 1)]
    : [];

/** The violated unique index, or null when the error is about something else. */
export const uniqueViolationOf = (error: unknown): string | null => {
  const violation = chainOf(error).find(({ code }) => code === '23505');
  return typeof violation?.['constraint_name'] === 'string' ? violation['constraint_name'] : null;
};

/** The error without the values of its query, which may be somebody's data: for logs. */
export const toLoggable = (error: unknown): unknown =>
  error instanceof DrizzleQueryError ? new Error('A database query failed', { cause: toLoggable(error.cause) }) : error;
