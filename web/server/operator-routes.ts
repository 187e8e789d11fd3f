import type { IncomingMessage, ServerResponse } from 'node:http';
import { mayReadMetrics } from '@everwave/schema/observe';
import { sendProblem } from './problem.ts';
import type { WebMetrics } from './web-metrics.ts';

export interface OperatorRoutes {
  readonly apiInternalUrl: URL;
  readonly metrics: WebMetrics;
  /** What a reader of `/metrics` must send; null lets this machine alone read them. */
  readonly metricsToken: string | null;
}

/** Milliseconds that the api gets to say that it lives. */
const patience = 2_000;

const sendJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
};

const apiLives = async (apiInternalUrl: URL): Promise<boolean> => {
  try {
    const { ok, body } = await fetch(new URL('/healthz', apiInternalUrl), { signal: AbortSignal.timeout(patience) });
    await body?.cancel();
    return ok;
  } catch {
    return false;
  }
};

/**
 * `/healthz`: the process lives. `/readyz`: the api answers it. `/metrics`: Prometheus text. True when the request was
 * one of these. `forwarded`: a proxy asks for somebody else.
 */
export const answerOperator = async (
  { apiInternalUrl, metrics, metricsToken }: OperatorRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  { path, requestId, forwarded }: { readonly path: string; readonly requestId: string; readonly forwarded: boolean },
): Promise<boolean> => {
  if (path === '/healthz') {
    sendJson(response, 200, { status: 'ok' });
    return true;
  }
  if (path === '/readyz') {
    const ready = await apiLives(apiInternalUrl);
    const problems = ready ? [] : ['the api does not answer'];
    sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', problems });
    return true;
  }
  if (path !== '/metrics') return false;
  const { authorization } = request.headers;
  if (mayReadMetrics({ token: metricsToken, authorization, peer: request.socket.remoteAddress, forwarded })) {
    response.writeHead(200, {
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
      'Cache-Control': 'no-store',
    });
    response.end(await metrics.read());
  } else {
    sendProblem(response, {
      status: 403,
      code: 'metrics_closed',
      title: 'Metrics are not public',
      detail: 'Read them from this machine, or send EVERWAVE_METRICS_TOKEN as Authorization: Bearer <token>.',
      requestId,
    });
  }
  return true;
};
