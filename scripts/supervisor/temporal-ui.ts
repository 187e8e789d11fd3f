import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

export interface TemporalUiOptions {
  readonly host: string;
  /** Where browsers find it; 0 takes any free port. */
  readonly port: number;
  /** Where the dev server's own UI listens. */
  readonly uiUrl: string;
  /** Where the api listens, whose codec opens the payloads. */
  readonly apiUrl: string;
}

export interface TemporalUi {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * The dev server's UI and our codec under one address. The UI asks its codec without the browser's session unless both
 * have the same origin or a person has set it so in their browser, and the dev server has no setting for that.
 */
export const serveTemporalUi = async ({ host, port, uiUrl, apiUrl }: TemporalUiOptions): Promise<TemporalUi> => {
  let ownHost = '';
  const server = createServer((incoming, outgoing) => {
    if (incoming.headers.host !== ownHost) return sendHome(incoming, outgoing, `http://${ownHost}`);
    const isForCodec = incoming.url?.startsWith('/codec/');
    passOn(incoming, outgoing, isForCodec ? apiUrl : uiUrl);
  });
  server.listen(port, host);
  await once(server, 'listening');
  ownHost = `${host}:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${ownHost}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

/** A session of 127.0.0.1 is none of localhost; and a name that a stranger points here is no address of ours. */
const sendHome = ({ method, url }: IncomingMessage, outgoing: ServerResponse, home: string): void => {
  if (method === 'GET') outgoing.writeHead(307, { location: url?.startsWith('/') ? `${home}${url}` : home });
  else outgoing.writeHead(421, { 'content-type': 'text/plain' });
  outgoing.end(`The Temporal UI is at ${home}.\n`);
};

const passOn = (incoming: IncomingMessage, outgoing: ServerResponse, target: string): void => {
  const { method, headers } = incoming;
  const upstream = request(`${target}${incoming.url ?? '/'}`, { method, headers });
  upstream.on('response', (reply) => {
    outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
    pipeline(reply, outgoing, () => {});
  });
  upstream.on('error', () => {
    if (outgoing.headersSent) return void outgoing.destroy();
    outgoing.writeHead(502, { 'content-type': 'text/plain' });
    outgoing.end(`Nothing answers at ${target}: it may be starting. Try again in a few seconds.\n`);
  });
  outgoing.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
};
