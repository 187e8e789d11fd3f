import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { webhookFlow } from './testing/graphs.ts';
import { createTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
let server: ServerType;
let port: number;
let key: string;
let hook: string;
const rejections: unknown[] = [];
const note = (reason: unknown) => void rejections.push(reason);

beforeAll(async () => {
  api = await createTestApi({ limits: { deliveriesAtOnce: 1 } });
  const admin = await (await api.createOrg()).as('admin');
  key = (await admin('POST /v1/api-keys', { name: 'Raw' })).body.key;
  const { id } = (await admin('POST /v1/flows', { name: 'Orders', graph: webhookFlow() })).body;
  await admin(`POST /v1/flows/${id}/publish`);
  hook = new URL((await admin(`GET /v1/flows/${id}`)).body.triggers[0].url).pathname;
  server = createAdaptorServer({ fetch: createApp(api.dependencies).fetch });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
});
afterAll(async () => {
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
  server.close();
  if ('closeAllConnections' in server) server.closeAllConnections();
  await api.close();
});

const open = async (text: string): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {});
  socket.write(text);
  return socket;
};

/** Status and code of the first answer, as soon as it is there. */
const answerOf = (socket: Socket): Promise<{ status: number; code: string | undefined }> =>
  new Promise((resolve) => {
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += String(bytes);
      if (!text.includes('"requestId"')) return;
      resolve({
        status: Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]),
        code: /"code":"(\w+)"/.exec(text)?.[1],
      });
    });
  });

const head = (path: string, ...lines: readonly string[]): string =>
  [`POST ${path} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', ...lines, '', ''].join('\r\n');
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const authorization = (): string => `Authorization: Bearer ${key}`;

describe('over a real socket', () => {
  it.each(['/v1/flows', '/auth/sign-in/email', '/hooks/HOOK'])(
    'a body without a length is counted: %s',
    async (path) => {
      const socket = await open(head(path.replace('/hooks/HOOK', hook), authorization(), 'Transfer-Encoding: chunked'));
      const answer = answerOf(socket);
      const piece = chunk('x'.repeat(64 * 1024));
      for (let count = 0; count < 80 && !socket.destroyed; count += 1) {
        socket.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await answer).toEqual({ status: 413, code: 'body_too_large' });
      socket.destroy();
    },
  );

  it.each([
    ['/v1/flows', 'Content-Length: 1000', '{"name":'],
    ['/v1/flows', 'Transfer-Encoding: chunked', chunk('{"name":')],
    ['/auth/sign-in/email', 'Content-Length: 1000', '{"email":'],
    ['/auth/sign-in/email', 'Transfer-Encoding: chunked', chunk('{"email":')],
    ['/hooks/HOOK', 'Content-Length: 1000', '{"key":'],
    ['/hooks/HOOK', 'Transfer-Encoding: chunked', chunk('{"key":')],
  ])('an upload that breaks off harms nobody: %s, %s', async (path, length, start) => {
    rejections.length = 0;
    const before = api.logLines.length;
    const socket = await open(head(path.replace('/hooks/HOOK', hook), authorization(), length) + start);
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    expect(rejections).toEqual([]);
    const errors = api.logLines.slice(before).filter((line) => line.includes('"level":"error"'));
    expect(errors).toEqual([]);
  });

  it('whoever sends slowly holds up no other delivery', async () => {
    const slow = await open(head(hook, 'Content-Length: 1000') + '{"key":');
    await new Promise((resolve) => setTimeout(resolve, 150));
    const quick = await fetch(`http://127.0.0.1:${port}${hook}`, {
      method: 'POST',
      body: '{"key":"a"}',
      headers: { 'content-type': 'application/json' },
    });
    slow.destroy();
    expect(quick.status).toBe(202);
  });

  it('a GET that names a JSON body and has none is answered', async () => {
    const reply = await fetch(`http://127.0.0.1:${port}/v1/me`, {
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    });
    expect(reply.status).toBe(200);
  });

  it('two lengths are refused before anything is read', async () => {
    const socket = await open(
      head('/v1/flows', authorization(), 'Content-Length: 5', 'Transfer-Encoding: chunked') + chunk('{}') + '0\r\n\r\n',
    );
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(String(data)).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
  });
});
