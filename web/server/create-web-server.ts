import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { clientAddress, type TrustedProxies } from '@everwave/schema/network';
import type { Logger } from 'pino';
import { answerOperator } from './operator-routes.ts';
import { sendProblem } from './problem.ts';
import { proxyToApi } from './proxy.ts';
import { requestIdOf } from './request-id.ts';
import { canonicalAddress, isSameOrigin } from './same-origin.ts';
import { setSecurityHeaders } from './security-headers.ts';
import type { StaticFiles } from './static-files.ts';
import type { WebMetrics } from './web-metrics.ts';

export interface WebServerParts {
  readonly publicUrl: URL;
  readonly apiInternalUrl: URL;
  /** Whose word about a request's sender is believed. */
  readonly trustedProxies: TrustedProxies;
  readonly files: StaticFiles;
  /** React Router's own listener over the build. */
  readonly pages: RequestListener;
  readonly metrics: WebMetrics;
  /** What a reader of `/metrics` must send; null lets this machine alone read them. */
  readonly metricsToken: string | null;
  readonly log: Logger;
}

/** Longer than the api's own slowest answer, a connection test. */
const apiSilenceLimit = 60_000;

/** The api, and its reference: from here a call tried there goes out as the person who is signed in. */
const proxiedPath = /^\/(v1|auth|docs)(\/|$)|^\/openapi\.json$/;

/**
 * A request with a key in its header comes from a program, not from a page that a stranger could have made. Browsers add
 * other kinds of `Authorization`, such as a proxy's password, to any page's requests.
 */
const hasKey = ({ headers }: IncomingMessage): boolean =>
  /^bearer +\S/i.test(headers.authorization ?? '') || headers['x-api-key'] !== undefined;

/** A mail program asks without a page of ours (RFC 8058); the token in the address is the proof, and no cookie counts. */
const isUnsubscribing = (path: string): boolean => path === '/unsubscribe';

interface Asked {
  readonly requestId: string;
  /** Address of whoever asks. */
  readonly sender: string;
  /** A proxy asks for somebody else. */
  readonly forwarded: boolean;
}

const senderOf = ({ socket, headers }: IncomingMessage, trusted: TrustedProxies): string =>
  clientAddress({ peer: socket.remoteAddress ?? '', forwardedFor: headers['x-forwarded-for']?.toString(), trusted });

/** One HTTP server for the browser: health, the api behind the same origin, built files, and the pages. Not yet listening. */
export const createWebServer = ({
  publicUrl,
  apiInternalUrl,
  trustedProxies,
  files,
  pages,
  metrics,
  metricsToken,
  log,
}: WebServerParts): Server => {
  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    { requestId, sender, forwarded }: Asked,
  ): Promise<void> => {
    const method = request.method ?? 'GET';
    // Normalised once and used everywhere below, so that what is checked is what is asked for.
    const url = new URL(request.url?.startsWith('/') ? `http://web${request.url}` : 'http://web/');
    const operator = { apiInternalUrl, metrics, metricsToken };
    const isAnswered = await answerOperator(operator, request, response, { path: url.pathname, requestId, forwarded });
    if (isAnswered) return;
    const isOurs = hasKey(request) || isUnsubscribing(url.pathname);
    if (!isOurs && !isSameOrigin({ method, origin: request.headers.origin, publicUrl })) {
      sendProblem(response, {
        status: 403,
        code: 'foreign_origin',
        title: 'Refused: this request did not come from Everwave',
        detail: `Changes are accepted from pages at ${publicUrl.origin} only. Open that address and try again.`,
        requestId,
      });
      return;
    }
    if (proxiedPath.test(url.pathname)) {
      proxyToApi(request, response, {
        apiUrl: apiInternalUrl,
        path: url.pathname + url.search,
        publicUrl,
        requestId,
        sender,
        silenceLimit: apiSilenceLimit,
        onError: (error) => log.warn({ requestId, err: error }, 'api unreachable'),
      });
      return;
    }
    if (await files.serve(request, response, url.pathname)) return;

    const canonical = method === 'GET' ? canonicalAddress(request.headers.host, request.url ?? '/', publicUrl) : null;
    if (canonical) {
      response.writeHead(307, { Location: canonical });
      response.end();
      return;
    }
    pages(request, response);
  };

  return createServer((request, response) => {
    const requestId = requestIdOf(request);
    const sender = senderOf(request, trustedProxies);
    const forwarded = 'x-forwarded-for' in request.headers || 'forwarded' in request.headers;
    const startedAt = performance.now();
    request.headers['x-request-id'] = requestId;
    // From here on one address, of whoever asks: the api counts by it, for calls and for pages alike.
    request.headers['x-forwarded-for'] = sender;
    response.setHeader('X-Request-Id', requestId);
    setSecurityHeaders(response, publicUrl);
    response.on('finish', () => {
      const { method = 'GET' } = request;
      const status = response.statusCode;
      const milliseconds = Math.round(performance.now() - startedAt);
      metrics.answered({ method, path: request.url ?? '/', status }, milliseconds);
      log.debug({ requestId, method, status, milliseconds }, 'request answered');
    });
    answer(request, response, { requestId, sender, forwarded }).catch((error: unknown) => {
      log.error({ requestId, err: error }, 'request failed');
      sendProblem(response, {
        status: 500,
        code: 'web_failed',
        title: 'The web server could not answer',
        detail: 'Its log has the reason under this request id.',
        requestId,
      });
    });
  });
};
