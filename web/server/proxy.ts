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

/** What proxies say about a sender. Ours says it anew; a sender's own words are not passed on as if we had seen it. */
const claims = [
  'forwarded',
  'via',
  'x-real-ip',
  'x-forwarded-port',
  'x-forwarded-server',
  'x-original-url',
  'x-rewrite-url',
];

/** Without what belongs to this connection: the known names, and those that `Connection` lists. */
const forwardable = (headers: IncomingMessage['headers']): IncomingMessage['headers'] => {
  const listed = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !listed.has(name)));
};

/**
 * Where the body ends, said again whatever `Connection` lists. Node adds nothing for methods that rarely have a body: its
 * bytes would follow the request as they are, and be read as another request.
 */
const framing = ({ headers }: IncomingMessage): IncomingMessage['headers'] => {
  if (headers['transfer-encoding'] !== undefined) return { 'transfer-encoding': 'chunked' };
  return headers['content-length'] === undefined ? {} : { 'content-length': headers['content-length'] };
};

export interface ProxyTarget {
  readonly apiUrl: URL;
  /** Path and query as they will be asked of the api. */
  readonly path: string;
  readonly publicUrl: URL;
  readonly requestId: string;
  /** Address of whoever asks. */
  readonly sender: string;
  /** Milliseconds without a byte from the api until it counts as stuck; event streams say something every few seconds. */
  readonly silenceLimit: number;
  readonly onError: (error: Error) => void;
}

/**
 * Passes one request through to the api and its reply back, byte by byte and without buffering, so that server-sent
 * events arrive as they are written. When either side goes away, the other is closed.
 */
export const proxyToApi = (incoming: IncomingMessage, outgoing: ServerResponse, target: ProxyTarget): void => {
  const send = target.apiUrl.protocol === 'https:' ? requestHttps : requestHttp;
  const sent = forwardable(incoming.headers);
  for (const name of claims) delete sent[name];
  const upstream = send(new URL(target.path, target.apiUrl), {
    method: incoming.method,
    headers: {
      ...sent,
      ...framing(incoming),
      host: target.apiUrl.host,
      'x-forwarded-for': target.sender,
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
  let silent = false;
  upstream.setTimeout(target.silenceLimit, () => {
    silent = true;
    upstream.destroy(new Error(`The api said nothing for ${target.silenceLimit} ms.`));
  });
  upstream.on('error', (error) => {
    if (outgoing.destroyed) return;
    target.onError(error);
    if (silent) {
      sendProblem(outgoing, {
        status: 504,
        code: 'api_silent',
        title: 'The api took too long',
        detail: 'It may still be working on the request: look at what it did before you try again.',
        requestId: target.requestId,
      });
      return;
    }
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
