import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a form with a file arrived as. */
export interface Arrived {
  /** Of the whole request. */
  readonly bytes: number;
}

/** A service with large answers that takes large forms, and keeps none of them. */
export interface BigService {
  readonly address: string;
  readonly arrived: readonly Arrived[];
  /** SHA-256 of the file of so many bytes. */
  fileHash(bytes: number): string;
  close(): void;
}

const pieceBytes = 65_536;

/** The same bytes each time, and other ones at each place. */
function* pieces(bytes: number): Iterable<Buffer> {
  for (let at = 0; at < bytes; at += pieceBytes) {
    const piece = Buffer.alloc(Math.min(pieceBytes, bytes - at), 0x61);
    piece.write(String(at));
    yield piece;
  }
}

/** `/file/<bytes>` is a file; `/value/<bytes>` is JSON with a text of that length; PUT and POST are counted. */
export const startBigService = async (): Promise<BigService> => {
  const arrived: Arrived[] = [];
  const server: Server = createServer((request, response) => {
    const [, what, size] = (request.url ?? '').split('/');
    const bytes = Number(size);
    void (async () => {
      if (request.method === 'GET' && (what === 'file' || what === 'value')) {
        const isValue = what === 'value';
        response.setHeader('content-type', isValue ? 'application/json' : 'application/octet-stream');
        if (isValue) response.write('{"total":42,"text":"');
        else response.setHeader('content-length', bytes);
        for (const piece of pieces(bytes)) if (!response.write(piece)) await once(response, 'drain');
        response.end(isValue ? '"}' : undefined);
        return;
      }
      let taken = 0;
      for await (const piece of request) taken += (piece as Buffer).length;
      arrived.push({ bytes: taken });
      response.setHeader('content-type', 'application/json');
      response.end('{"taken":true}');
    })().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    fileHash: (bytes) => {
      const hash = createHash('sha256');
      for (const piece of pieces(bytes)) hash.update(piece);
      return hash.digest('hex');
    },
    close: () => void server.close(),
  };
};
