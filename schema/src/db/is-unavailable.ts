import { errorChain } from './error-chain.ts';

/** Postgres and socket codes after which the server, not the statement, is the trouble. */
const unavailableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'ETIMEDOUT',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  // admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections, query_canceled (our statement timeout)
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '57014',
]);

/** True when Postgres could not be reached or went away: the caller may simply try again. */
export const isDatabaseUnavailable = (error: unknown): boolean =>
  errorChain(error).some(({ code }) => typeof code === 'string' && unavailableCodes.has(code));
