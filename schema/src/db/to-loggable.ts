import { DrizzleQueryError } from 'drizzle-orm';

/** The error without the values of its query, which may be somebody's data: for logs. */
export const toLoggable = (error: unknown): unknown =>
  error instanceof DrizzleQueryError ? new Error('A database query failed', { cause: toLoggable(error.cause) }) : error;
