import { once } from 'node:events';
import { connect, createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificates.ts';

export interface TlsProxy {
  /** host:port, speaks TLS only. */
  readonly address: string;
  /** Headers of each call so far, in order. */
  readonly calls: readonly IncomingHttpHeaders[];
  close(): Promise<void>;
}

/** Stands before a Temporal server that speaks plain text, as a load balancer in front of a real one does. Answers 401 to calls with another API key. */
export const startTlsProxy = async (
  target: string,
  certificate: Certificate,
  apiKey: string | null = null,
): Promise<TlsProxy> => {
  const calls: IncomingHttpHeaders[] = [];
  const upstream = connect(`http://${target}`);
  const server = createSecureServer({ cert: certificate.cert, key: certificate.key });
  server.on('session', (session) => session.on('error', () => {}));
  server.on('stream', (stream, headers) => {
    calls.push(headers);
    stream.on('error', () => {});
    if (apiKey !== null && headers['authorization'] !== `Bearer ${apiKey}`) {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16', 'grpc-message': 'no such key' },
        { endStream: true },
      );
      return;
    }
    forward(stream, headers, upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: async () => {
      upstream.destroy();
      server.close();
    },
  };
};

const forward = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, upstream: ReturnType<typeof connect>) => {
  const call = upstream.request({ ...headers, ':scheme': 'http' });
  let trailers: IncomingHttpHeaders = {};
  call.on('error', () => stream.close());
  call.on('trailers', (received) => {
    trailers = received;
  });
  call.once('response', (reply, flags) => {
    // HTTP/2 flag END_STREAM: an answer without a body carries its status in the headers.
    const endStream = (flags & 0x1) !== 0;
    stream.respond(reply, { endStream, waitForTrailers: !endStream });
    if (!endStream) call.pipe(stream);
  });
  stream.once('wantTrailers', () => stream.sendTrailers(trailers));
  stream.pipe(call);
};
