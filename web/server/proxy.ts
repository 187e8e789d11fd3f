import { request as requestHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import { sendProblem } from './problem.ts';

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const forwardable = (headers: IncomingMessage['headers']): IncomingMessage['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));

export interface ProxyTarget {
  readonly apiUrl: URL;
  /** Path and query as they will be asked of the api. */
  readonly path: string;
  readonly publicUrl: URL;
  readonly requestId: string;
  readonly onError: (error: Error) => void;
}

/**
 * Passes one request through to the api and its reply back, byte by byte and without buffering, so that server-sent
 * events arrive as they are written. When either side goes away, the other is closed.
 */
export const proxyToApi = (incoming: IncomingMessage, outgoing: ServerResponse, target: ProxyTarget): void => {
  const send = target.apiUrl.protocol === 'https:' ? requestHttps : requestHttp;
  const upstream = send(new URL(target.path, target.apiUrl), {
    method: incoming.method,
    headers: {
      ...forwardable(incoming.headers),
      host: target.apiUrl.host,
      // Written anew: what the sender claims about itself is not passed on as if we had seen it.
      'x-forwarded-for': incoming.socket.remoteAddress ?? '',
      'x-forwarded-host': target.publicUrl.host,
      'x-forwarded-proto': target.publicUrl.protocol.slice(0, -1),
      'x-request-id': target.requestId,
    },
  });

  upstream.on('response', (reply) => {
    outgoing.writeHead(reply.statusCode ?? 502, forwardable(reply.headers));
    outgoing.flushHeaders();
    reply.pipe(outgoing);
    reply.on('error', () => outgoing.destroy());
  });
  upstream.on('error', (error) => {
    if (outgoing.destroyed) return;
    target.onError(error);
    sendProblem(outgoing, {
      status: 502,
      code: 'api_unreachable',
      title: 'The api does not answer',
      detail: 'The web server is up, but the api behind it is not. It may be starting; try again in a few seconds.',
      requestId: target.requestId,
    });
  });
  outgoing.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
};
