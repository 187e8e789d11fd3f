import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { ServerType } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/test-api.ts';
import { createBoundedServer } from './create-server.ts';

let api: TestApi;
let server: ServerType;
let port: number;

beforeAll(async () => {
  api = await createTestApi();
  server = createBoundedServer(api.app, { headerBytes: 16_384, headerTimeout: 400, requestTimeout: 1_200 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.close();
  if ('closeAllConnections' in server) server.closeAllConnections();
  await api.close();
});

/** What the server says until it hangs up, and after how many milliseconds it did. */
const conversation = async (talk: (socket: Socket) => void): Promise<{ said: string; after: number }> => {
  const socket = connect(port, '127.0.0.1');
  // Whoever still writes when the other side hangs up is told so by a reset.
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const startedAt = performance.now();
  let said = '';
  socket.on('data', (bytes: Buffer) => (said += String(bytes)));
  await once(socket, 'connect');
  talk(socket);
  await closed;
  return { said, after: performance.now() - startedAt };
};

/** One byte every 50 milliseconds, as long as anybody listens. */
const dribble = (socket: Socket, text: string): void => {
  const timer = setInterval(() => socket.write(text), 50);
  socket.on('close', () => clearInterval(timer));
};

describe('a connection', () => {
  it('that sends the head of its request slowly is cut off', async () => {
    const { said, after } = await conversation((socket) => {
      socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ');
      dribble(socket, 'a');
    });
    expect(said).toMatch(/^HTTP\/1\.1 408 /);
    expect(after).toBeLessThan(5_000);
  });

  it.each(['/v1/flows', '/auth/sign-in/email', '/hooks/AAAAAAAAAAAAAAAAAAAAAA'])(
    'that sends the body of its request slowly is cut off: %s',
    async (path) => {
      const { said, after } = await conversation((socket) => {
        socket.write(
          `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"a":"`,
        );
        dribble(socket, 'a');
      });
      expect(said).not.toMatch(/^HTTP\/1\.1 2/);
      expect(after).toBeLessThan(6_000);
    },
  );

  it('whose head is too large is told so', async () => {
    const { said } = await conversation((socket) =>
      socket.write(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: ${'a'.repeat(20_000)}\r\n\r\n`),
    );
    expect(said).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('that behaves is answered', async () => {
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });
});
