import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { proxyToApi } from './proxy.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const seen: Seen[] = [];
const errors: Error[] = [];
let broken = 0;
let answer: (outgoing: ServerResponse) => void;

const api = createServer((incoming, outgoing) => {
  let body = '';
  incoming.on('data', (piece: Buffer) => (body += String(piece)));
  incoming.on('error', () => (broken += 1));
  incoming.on('end', () => {
    seen.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body });
    answer(outgoing);
  });
});
let web: Server;

const listen = async (server: Server): Promise<URL> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
};

beforeAll(async () => {
  const apiUrl = await listen(api);
  web = createServer((incoming, outgoing) => {
    proxyToApi(incoming, outgoing, {
      apiUrl,
      path: incoming.url ?? '/',
      publicUrl: new URL('https://flows.example.com'),
      requestId: 'test-request-1',
      sender: '198.51.100.4',
      silenceLimit: 300,
      onError: (error) => errors.push(error),
    });
  });
  await listen(web);
});
afterAll(() => {
  for (const server of [web, api]) {
    server.closeAllConnections();
    server.close();
  }
});
beforeEach(() => {
  seen.length = 0;
  errors.length = 0;
  broken = 0;
  answer = (outgoing) => outgoing.end('{"ok":true}');
});

/** Sends bytes as they are and reads until the connection rests. */
const send = async (text: string, restsAfter = 200): Promise<{ socket: Socket; reply: string }> => {
  const socket = connect((web.address() as AddressInfo).port, '127.0.0.1');
  let reply = '';
  socket.on('data', (bytes: Buffer) => (reply += String(bytes)));
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  await new Promise((resolve) => setTimeout(resolve, restsAfter));
  return { socket, reply };
};

const lines = (...each: readonly string[]): string => `${each.join('\r\n')}\r\n\r\n`;

describe('the proxy', () => {
  it.each(['GET', 'DELETE', 'POST', 'OPTIONS'])(
    'hands on one %s for one, body and all, however it is framed',
    async (method) => {
      const inner = lines('POST /v1/smuggled HTTP/1.1', 'Host: x', 'Content-Length: 0');
      const { socket } = await send(
        `${lines(`${method} /v1/flows HTTP/1.1`, 'Host: x', 'Transfer-Encoding: chunked')}${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
      );
      socket.destroy();
      expect(seen.map(({ url, body }) => [url, body])).toEqual([['/v1/flows', inner]]);
    },
  );

  it.each(['GET', 'DELETE', 'POST'])(
    'hands on one %s for one, although its length is nominated away',
    async (method) => {
      const inner = lines('POST /v1/smuggled HTTP/1.1', 'Host: x', 'Content-Length: 0');
      const { socket } = await send(
        lines(
          `${method} /v1/flows HTTP/1.1`,
          'Host: x',
          'Connection: keep-alive, content-length',
          `Content-Length: ${inner.length}`,
        ) + inner,
      );
      socket.destroy();
      expect(seen.map(({ url, body }) => [url, body])).toEqual([['/v1/flows', inner]]);
    },
  );

  it('refuses a request with two lengths', async () => {
    const { socket, reply } = await send(
      `${lines('POST /v1/flows HTTP/1.1', 'Host: x', 'Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\nGET /v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    socket.destroy();
    expect(reply).toMatch(/^HTTP\/1\.1 400 /);
    expect(seen).toEqual([]);
  });

  it('drops what belongs to the connection, by name and by nomination', async () => {
    const { socket } = await send(
      lines(
        'GET /v1/me HTTP/1.1',
        'Host: evil.example',
        'Connection: keep-alive, X-Only-Here',
        'X-Only-Here: 1',
        'TE: trailers',
        'Proxy-Authorization: Basic x',
        'X-Forwarded-For: 203.0.113.9',
        'X-Forwarded-Host: evil.example',
        'Forwarded: for=203.0.113.9',
        'X-Real-IP: 203.0.113.9',
        'X-Kept: 1',
      ),
    );
    socket.destroy();
    const headers = seen[0]?.headers ?? {};
    expect(headers).toMatchObject({
      'x-kept': '1',
      'x-forwarded-for': '198.51.100.4',
      'x-forwarded-host': 'flows.example.com',
      'x-forwarded-proto': 'https',
      'x-request-id': 'test-request-1',
    });
    for (const name of ['x-only-here', 'te', 'proxy-authorization', 'forwarded', 'x-real-ip']) {
      expect([name, headers[name]]).toEqual([name, undefined]);
    }
    expect(JSON.stringify(headers)).not.toContain('evil.example');
  });

  it('ends the upload at the api when the sender goes away', async () => {
    const { socket } = await send(`${lines('POST /v1/flows HTTP/1.1', 'Host: x', 'Content-Length: 100')}{"name`);
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([broken, seen.length, errors.length]).toEqual([1, 0, 0]);
  });

  it('says so when the api takes a request and stays silent', async () => {
    answer = () => {};
    const { socket, reply } = await send(lines('GET /v1/me HTTP/1.1', 'Host: x'), 600);
    socket.destroy();
    expect(reply).toMatch(/^HTTP\/1\.1 504 /);
    expect(reply).toContain('"code":"api_silent"');
    expect(reply).toContain('"requestId":"test-request-1"');
  });

  it('breaks off, and never pretends to be done, when the api goes away within an answer', async () => {
    answer = (outgoing) => {
      outgoing.writeHead(200, { 'content-length': '100' });
      outgoing.write('half');
      setTimeout(() => outgoing.destroy(), 50);
    };
    const { socket, reply } = await send(lines('GET /v1/me HTTP/1.1', 'Host: x'), 400);
    expect(reply).toMatch(/half$/);
    expect(socket.readableEnded || socket.destroyed).toBe(true);
    socket.destroy();
  });
});
