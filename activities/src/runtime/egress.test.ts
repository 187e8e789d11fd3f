import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEgress, type Egress, type Resolve } from './egress.ts';
import { AddressRefused, ConnectionLost, NotConnected, ReplyTooLarge } from './node-errors.ts';

/** Ways to write an address that is not public: each must be refused by spelling or by what it resolves to. */
const spellings = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.000.000.001',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0x7f.0.0.1',
  '017700000001',
  '0177.0.0.1',
  '0177.1',
  '127.255.255.254',
  '0',
  '0.0.0.0',
  '0.0.0.1',
  '00.0.0.0',
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:7f00:0001]',
  '[::ffff:0:127.0.0.1]',
  '[::127.0.0.1]',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]',
  '[2001:0:4136:e378:8000:63bf:807f:fffe]',
  '[fe80::1]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd00::1]',
  '[fd00:ec2::254]',
  '[ff02::1]',
  '[100::1]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[5f00::1]',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '0251.0376.0251.0376',
  '169.254.43518',
  '168.63.129.16',
  '100.100.100.200',
  '100.64.0.1',
  '192.0.0.192',
  '10.0.0.1',
  '10.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.257',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '240.0.0.1',
  'localhost',
  'LOCALHOST',
  'localhost.',
  '127。0。0。1',
  '１２７.0.0.1',
  '127．0．0．1',
  '127.0.0.1.',
  '%31%32%37.0.0.1',
  'user@127.0.0.1',
  'user:pass@127.0.0.1',
  'public.example@127.0.0.1',
  '127.0.0.1#@public.example',
  '127.0.0.1\\@public.example',
  'metadata.google.internal',
  'rebind.example',
  'mixed.example',
]; // prettier-ignore

const publicAddress = { address: '2606:4700:4700::1111', family: 6 };
const loopback = { address: '127.0.0.1', family: 4 };
const names: Record<string, readonly (typeof loopback)[]> = {
  localhost: [loopback, { address: '::1', family: 6 }],
  'localhost.': [loopback],
  '127.0.0.1.': [loopback],
  'metadata.google.internal': [{ address: '169.254.169.254', family: 4 }],
  'rebind.example': [loopback],
  'mixed.example': [publicAddress, loopback],
};
const resolve: Resolve = async (hostname) => {
  const answers = names[hostname.toLowerCase()];
  if (!answers) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
  return answers;
};

const listen = async (server: Server, host: string): Promise<number> => {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

/** Header values are bytes: a name outside ASCII travels as UTF-8. */
const headerBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

describe('egress', () => {
  let target: Server;
  let redirector: Server;
  let targetPort: number;
  let redirectorPort: number;
  let connections = 0;
  let egress: Egress;
  let redirectTo = '';
  let redirectStatus = 302;
  let received: { url: string; headers: NodeJS.Dict<string | string[]>; method: string; body: string }[] = [];

  beforeAll(async () => {
    target = createServer((_request, response) => response.end('inside'));
    target.on('connection', () => (connections += 1));
    targetPort = await listen(target, '0.0.0.0');
    redirector = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const url = request.url ?? '';
        received.push({
          url,
          headers: request.headers,
          method: request.method ?? '',
          body: Buffer.concat(chunks).toString(),
        });
        if (url === '/redirect') response.writeHead(redirectStatus, { location: headerBytes(redirectTo) }).end();
        else if (url === '/big') response.end(Buffer.alloc(3000));
        else if (url === '/cut')
          response.writeHead(200, { 'content-length': '100' }).write('x', () => response.destroy());
        else if (url === '/reset') request.socket.resetAndDestroy();
        else if (url !== '/hang') response.end('reached');
      });
    });
    redirectorPort = await listen(redirector, '127.0.0.1');
    egress = createEgress({ allow: [`127.0.0.1:${redirectorPort}`] }, { resolve, connectTimeoutMs: 500 });
  });
  beforeEach(() => {
    received = [];
  });
  afterAll(async () => {
    await egress.close();
    for (const server of [target, redirector]) {
      server.closeAllConnections();
      server.close();
    }
  });

  const entrance = (path: string) => `http://127.0.0.1:${redirectorPort}${path}`;

  it('knows at least sixty spellings', () => {
    expect(new Set(spellings).size).toBeGreaterThanOrEqual(60);
  });

  it('would reach the listener behind them if it were allowed', async () => {
    const open = createEgress({ allow: [`127.0.0.1:${targetPort}`] });
    const response = await open.fetch(`http://127.0.0.1:${targetPort}/`);
    expect(await response.text()).toBe('inside');
    expect(connections).toBe(1);
    await open.close();
  });

  it.each(spellings)('does not connect to %s', async (host) => {
    const before = connections;
    const error: unknown = await egress.fetch(`http://${host}:${targetPort}/`).catch((reason: unknown) => reason);
    expect(error).toSatisfy((reason) => reason instanceof AddressRefused || reason instanceof NotConnected);
    expect(connections).toBe(before);
  });

  it.each([301, 302, 303, 307, 308])('follows no %i to a closed address', async (status) => {
    const before = connections;
    redirectStatus = status;
    for (const host of spellings) {
      redirectTo = `http://${host}:${targetPort}/`;
      const error: unknown = await egress
        .fetch(entrance('/redirect'), { followRedirects: true, method: 'POST', body: 'x' })
        .catch((reason: unknown) => reason);
      expect(error, host).toSatisfy((reason) => reason instanceof AddressRefused || reason instanceof ConnectionLost);
    }
    expect(connections).toBe(before);
  });

  it('does not connect sockets to any of them', async () => {
    const answers = await Promise.allSettled(
      spellings.map((host) => egress.resolve(host.replace(/^\[|\]$/g, ''), targetPort)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toEqual([]);
  });

  it('reaches the platform’s own ports no more than others', async () => {
    for (const port of [5432, 5439, 7233, 8233, 3001, 3002, 9090]) {
      await expect(egress.fetch(`http://127.0.0.1:${port}/`)).rejects.toBeInstanceOf(AddressRefused);
    }
  });

  it('uses the answers it has checked when a name changes its mind a thousand times', async () => {
    let calls = 0;
    const rebinding = createEgress(
      { allow: [] },
      {
        resolve: async () => {
          calls += 1;
          return [calls % 2 === 0 ? loopback : publicAddress];
        },
        connectTimeoutMs: 20,
      },
    );
    const before = connections;
    for (let batch = 0; batch < 4; batch += 1) {
      await Promise.allSettled(
        Array.from({ length: 250 }, () =>
          rebinding.fetch(`http://rebind.example:${targetPort}/`, { freshConnection: true }),
        ),
      );
    }
    await rebinding.close();
    expect(calls).toBe(1000);
    expect(connections).toBe(before);
  }, 30_000);

  it('reaches exactly the allowed host and port', async () => {
    const response = await egress.fetch(entrance('/'));
    expect(await response.text()).toBe('reached');
    for (const other of [`http://localhost:${redirectorPort}/`, `http://127.0.0.1:${targetPort}/`]) {
      await expect(egress.fetch(other)).rejects.toBeInstanceOf(AddressRefused);
    }
  });

  it('speaks http and https only', async () => {
    for (const url of [
      'file:///etc/passwd',
      'ftp://public.example/',
      'data:text/plain,x',
      'gopher://x/',
      'not a url',
    ]) {
      await expect(egress.fetch(url)).rejects.toBeInstanceOf(AddressRefused);
    }
  });

  it('returns a redirect as an answer unless told to follow', async () => {
    redirectStatus = 302;
    redirectTo = entrance('/');
    const response = await egress.fetch(entrance('/redirect'));
    expect(response.status).toBe(302);
    expect(received).toHaveLength(1);
  });

  it('keeps credentials from another origin', async () => {
    const other = createServer((request, response) => {
      received.push({ url: request.url ?? '', headers: request.headers, method: request.method ?? '', body: '' });
      response.end();
    });
    const otherPort = await listen(other, '127.0.0.1');
    const both = createEgress({ allow: [`127.0.0.1:${redirectorPort}`, `127.0.0.1:${otherPort}`] });
    redirectStatus = 307;
    redirectTo = `http://127.0.0.1:${otherPort}/elsewhere`;
    await both.fetch(entrance('/redirect'), {
      followRedirects: true,
      headers: { authorization: 'Bearer canary', cookie: 'a=canary', 'x-api-key': 'canary', accept: 'text/plain' },
      credentialHeaders: ['X-API-Key'],
    });
    expect(received[0]?.headers['authorization']).toBe('Bearer canary');
    expect(received[1]?.url).toBe('/elsewhere');
    expect(JSON.stringify(received[1])).not.toContain('canary');
    expect(received[1]?.headers['accept']).toBe('text/plain');
    await both.close();
    other.close();
  });

  it('turns a redirected POST into a GET without body for 303, and repeats it whole for 307', async () => {
    redirectTo = entrance('/');
    redirectStatus = 303;
    await egress.fetch(entrance('/redirect'), { method: 'POST', body: 'content', followRedirects: true });
    expect(received[1]).toMatchObject({ method: 'GET', body: '' });
    redirectStatus = 307;
    await egress.fetch(entrance('/redirect'), { method: 'POST', body: 'content', followRedirects: true });
    expect(received[3]).toMatchObject({ method: 'POST', body: 'content' });
  });

  it('stops at a redirect loop', async () => {
    redirectStatus = 302;
    redirectTo = entrance('/redirect');
    await expect(egress.fetch(entrance('/redirect'), { followRedirects: true })).rejects.toThrow('more than 5 times');
  });

  it('stops reading at the size limit', async () => {
    const response = await egress.fetch(entrance('/big'), { maximumBytes: 1000 });
    await expect(response.text()).rejects.toBeInstanceOf(ReplyTooLarge);
  });

  it('tells a connection that never came about from one that broke', async () => {
    const closedPort = await (async () => {
      const server = createServer();
      const port = await listen(server, '127.0.0.1');
      server.close();
      return port;
    })();
    const open = createEgress({ allow: [`127.0.0.1:${closedPort}`] });
    await expect(open.fetch(`http://127.0.0.1:${closedPort}/`)).rejects.toThrow(NotConnected);
    await expect(egress.fetch(entrance('/reset'))).rejects.toThrow(ConnectionLost);
    const cut = await egress.fetch(entrance('/cut'));
    await expect(cut.text()).rejects.toThrow(ConnectionLost);
    await open.close();
  });

  it('opens a connection of its own when asked to, and reuses one otherwise', async () => {
    let opened = 0;
    const count = () => (opened += 1);
    redirector.on('connection', count);
    const own = createEgress({ allow: [`127.0.0.1:${redirectorPort}`] });
    const get = async (freshConnection: boolean) => (await own.fetch(entrance('/'), { freshConnection })).text();
    for (let times = 0; times < 3; times += 1) await get(true);
    expect(opened).toBe(3);
    for (let times = 0; times < 3; times += 1) await get(false);
    expect(opened).toBeLessThan(6);
    redirector.off('connection', count);
    await own.close();
  });

  it('stops a compressed answer at the size it has when unpacked', async () => {
    const bomb = createServer((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50 * 1024 * 1024)));
    });
    const port = await listen(bomb, '127.0.0.1');
    const open = createEgress({ allow: [`127.0.0.1:${port}`] });
    const response = await open.fetch(`http://127.0.0.1:${port}/`);
    await expect(response.text()).rejects.toBeInstanceOf(ReplyTooLarge);
    await open.close();
    bomb.close();
  });

  it('takes no proxy from the environment', async () => {
    process.env['HTTP_PROXY'] = `http://127.0.0.1:${targetPort}`;
    const before = connections;
    expect((await egress.fetch(entrance('/'), { freshConnection: true })).status).toBe(200);
    delete process.env['HTTP_PROXY'];
    expect(connections).toBe(before);
  });

  it('ends with the signal’s own reason', async () => {
    const reason = new Error('stop now');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 50);
    await expect(egress.fetch(entrance('/hang'), { signal: controller.signal })).rejects.toBe(reason);
  });
});
