import { fetch, Headers, Response, type Agent, type BodyInit, type HeadersInit } from 'undici';
import { AddressRefused, ConnectionLost, NotConnected, ReplyTooLarge } from './node-errors.ts';

export interface EgressRequest {
  readonly method?: string;
  readonly headers?: HeadersInit;
  /** What can be read only once is given anew for each time it is sent. */
  readonly body?: BodyInit | (() => AsyncIterable<Uint8Array>) | null;
  readonly signal?: AbortSignal;
  /** Default false: a redirect is an answer like any other. */
  readonly followRedirects?: boolean;
  /** Headers that carry a secret, beside Authorization and Cookie: not sent to another origin. */
  readonly credentialHeaders?: readonly string[];
  /** Default 5 MiB, counted after decompression. */
  readonly maximumBytes?: number;
  /** True: a connection of its own, so that a broken one can be told from a stale one. */
  readonly freshConnection?: boolean;
  /** True: the other side may be silent for minutes before and within its answer; only the signal ends the wait. */
  readonly slowAnswer?: boolean;
}

/**
 * Throws `AddressRefused`, `NotConnected` (nothing was sent), `ConnectionLost` (something was), `ReplyTooLarge` while
 * the body is read, or the signal's reason. Every status is an answer, not an error.
 */
export type EgressFetch = (url: string | URL, request?: EgressRequest) => Promise<Response>;

const maximumHops = 5;
const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];
const credentialHeaders = ['authorization', 'cookie', 'proxy-authorization'];

export const createEgressFetch =
  (agents: { readonly reusing: Agent; readonly fresh: Agent; readonly patient: Agent }): EgressFetch =>
  async (target, request = {}) => {
    const reusing = request.slowAnswer ? agents.patient : agents.reusing;
    const dispatcher = request.freshConnection ? agents.fresh : reusing;
    const maximumBytes = request.maximumBytes ?? 5 * 1024 * 1024;
    const headers = new Headers(request.headers);
    let method = (request.method ?? 'GET').toUpperCase();
    let body = request.body ?? null;
    let url = parseTarget(target);

    for (let hop = 0; ; hop += 1) {
      request.signal?.throwIfAborted();
      let response: Response;
      try {
        response = await fetch(url, {
          method,
          headers,
          body: typeof body === 'function' ? body() : body,
          // What comes piece by piece is sent before its answer is read.
          ...(typeof body === 'function' && { duplex: 'half' as const }),
          dispatcher,
          redirect: 'manual',
          signal: request.signal ?? null,
        });
      } catch (error) {
        throw translate(error, { url, hop, signal: request.signal });
      }

      const location = response.headers.get('location');
      if (!request.followRedirects || !redirectStatuses.includes(response.status) || location === null) {
        return bounded(response, { url, maximumBytes, signal: request.signal });
      }
      await response.body?.cancel();
      if (hop === maximumHops) throw new AddressRefused(`${url.origin} redirected more than ${maximumHops} times.`);

      const next = parseTarget(URL.parse(location, url.href) ?? location);
      if (next.origin !== url.origin) {
        for (const name of [...credentialHeaders, ...(request.credentialHeaders ?? [])]) headers.delete(name);
      }
      if (response.status === 303 ? method !== 'HEAD' : response.status < 303 && method === 'POST') {
        method = 'GET';
        body = null;
        for (const name of ['content-type', 'content-length', 'content-encoding']) headers.delete(name);
      }
      url = next;
    }
  };

const parseTarget = (target: string | URL): URL => {
  const url = typeof target === 'string' ? URL.parse(target) : target;
  if (!url) throw new AddressRefused(`"${String(target)}" is no URL.`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new AddressRefused(`${url.protocol}// is not reachable, only http:// and https:// are.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new AddressRefused(`The URL of ${url.host} holds a user name or password. Put them into a connection.`);
  }
  return url;
};

const translate = (
  error: unknown,
  { url, hop, signal }: { url: URL; hop: number; signal: AbortSignal | undefined },
): unknown => {
  if (signal?.aborted) return signal.reason;
  const cause = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
  if (cause instanceof AddressRefused) return cause;
  // After a redirect the first server has already had the request.
  if (cause instanceof NotConnected && hop === 0) return cause;
  // The standard's list of ports that never speak HTTP: refused before anything is opened.
  if (cause instanceof Error && cause.message === 'bad port') {
    return new AddressRefused(`Port ${url.port} is closed to HTTP by the fetch standard.`);
  }
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new ConnectionLost(`${url.host} closed the connection or did not answer in time${code}.`, { cause });
};

/** The same response with a body that stops at the limit and speaks of lost connections in our words. */
const bounded = (
  response: Response,
  { url, maximumBytes, signal }: { url: URL; maximumBytes: number; signal: AbortSignal | undefined },
): Response => {
  if (!response.body) return response;
  const source = response.body.getReader();
  let bytes = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await source.read();
        if (done) return controller.close();
        bytes += value.byteLength;
        if (bytes > maximumBytes) {
          await source.cancel();
          throw new ReplyTooLarge(`${url.host} answered with more than ${maximumBytes} bytes.`);
        }
        controller.enqueue(value);
      } catch (error) {
        controller.error(error instanceof ReplyTooLarge ? error : translate(error, { url, hop: 0, signal }));
      }
    },
    cancel: (reason) => source.cancel(reason),
  });
  return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers });
};
