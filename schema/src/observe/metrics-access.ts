import * as z from 'zod';

export interface MetricsRequest {
  /** EVERWAVE_METRICS_TOKEN, or null when it is not set. */
  readonly token: string | null;
  /** The request's `authorization` header. */
  readonly authorization: string | undefined;
  /** Address of the socket's other end. */
  readonly peer: string | undefined;
  /** True when a proxy says that it asks for somebody else: then the peer's address says nothing. */
  readonly forwarded: boolean;
}

const loopback = /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/i;

/** Who may read `/metrics`: whoever has the token; without one, whoever asks from this machine. */
export const mayReadMetrics = ({ token, authorization, peer, forwarded }: MetricsRequest): boolean =>
  token === null
    ? !forwarded && peer !== undefined && loopback.test(peer)
    : isEqual(authorization ?? '', `Bearer ${token}`);

/** Takes as long for a first wrong character as for the last one. */
const isEqual = (given: string, wanted: string): boolean => {
  let difference = given.length ^ wanted.length;
  for (let index = 0; index < wanted.length; index += 1) {
    difference |= (given.charCodeAt(index) || 0) ^ wanted.charCodeAt(index);
  }
  return difference === 0;
};

/** EVERWAVE_METRICS_TOKEN in an environment: long enough that nobody guesses it, and fit for a header. */
export const metricsToken = z
  .string()
  .regex(/^[\x21-\x7e]{16,200}$/, 'Write 16 to 200 printable characters without spaces: openssl rand -hex 24.');
