import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mayReadMetrics } from '@everwave/schema/observe';
import { Registry } from 'prom-client';

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface HealthServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The Prometheus text of `/metrics`. */
  readonly readMetrics: () => Promise<string>;
  /** What a reader of it must send; null lets this machine alone read. */
  readonly metricsToken: string | null;
  /** Resolves to what is not ready, in words; empty when all is. */
  readonly problems: () => Promise<readonly string[]>;
}

/** `/healthz`: the process lives. `/readyz`: it can work. `/metrics`: Prometheus text. */
export const startHealthServer = async ({
  host,
  port,
  readMetrics,
  metricsToken,
  problems,
}: HealthServerOptions): Promise<HealthServer> => {
  const routes: Record<string, (response: ServerResponse, request: IncomingMessage) => Promise<void>> = {
    '/healthz': async (response) => sendJson(response, 200, { status: 'ok' }),
    '/readyz': async (response) => {
      const found = await problems();
      sendJson(response, found.length === 0 ? 200 : 503, {
        status: found.length === 0 ? 'ready' : 'not ready',
        problems: found,
      });
    },
    '/metrics': async (response, request) => {
      const allowed = mayReadMetrics({
        token: metricsToken,
        authorization: request.headers.authorization,
        peer: request.socket.remoteAddress,
        forwarded: 'x-forwarded-for' in request.headers || 'forwarded' in request.headers,
      });
      if (!allowed) return sendJson(response, 403, { status: 'closed', problems: [metricsClosed] });
      response.writeHead(200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE }).end(await readMetrics());
    },
  };
  const server = createServer((request, response) => {
    const route = routes[request.url ?? ''];
    if (!route || request.method !== 'GET') return sendJson(response, 404, { status: 'not found' });
    route(response, request).catch((error: unknown) => sendJson(response, 500, { status: String(error) }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `Port ${port} on ${host} is taken. Free it, or set EVERWAVE_WORKER_PORT to another one.`;
      reject(new Error(error.code === 'EADDRINUSE' ? taken : error.message, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const metricsClosed = 'Read them from this machine, or send EVERWAVE_METRICS_TOKEN as Authorization: Bearer <token>.';

const sendJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
