import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import type { Account } from '@everwave/schema/api';
import { orgIdSchema } from '@everwave/schema/ids';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './cli.ts';

const at = '2026-03-01T12:00:00.000Z';
const account = (id: string, email: string, suspendedAt: string | null): Account => ({
  id,
  name: `The ${id}`,
  email,
  isEmailVerified: true,
  isInstanceAdministrator: id === 'u-1',
  hasSecondFactor: id === 'u-1',
  lastSignInAt: null,
  createdAt: at,
  suspendedAt,
  orgs: [{ id: orgIdSchema.parse(`org_${'0'.repeat(32)}`), name: 'Acme', role: 'owner', roleName: 'owner' }],
});
const first = account('u-1', 'mara@example.org', null);
const second = account('u-2', 'xmara@example.org', at);

let server: Server;
let seen: string[];
let printed: string[];
let complained: string[];

beforeEach(async () => {
  [seen, printed, complained] = [[], [], []];
  server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const isSecond = request.url?.includes('cursor=next');
    const list = { items: isSecond ? [first] : [second], nextCursor: isSecond ? null : 'next' };
    const reply = request.method === 'GET' ? list : first;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const everwave = (...words: string[]) =>
  runCli(words, {
    environment: {
      EVERWAVE_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      EVERWAVE_API_KEY: 'a.b.c',
    },
    folder: tmpdir(),
    print: (line) => void printed.push(line),
    complain: (line) => void complained.push(line),
    runScript: () => Promise.resolve(0),
  });

describe('everwave user', () => {
  it('lists everybody, page by page, as it is asked', async () => {
    expect(await everwave('user', 'list', '--state', 'suspended', '--text', 'mara')).toBe(0);
    expect(printed.join('\n')).toMatch(/suspended +xmara@example.org +The u-2 +no +never +Acme \(owner\)/);
    expect(printed.join('\n')).toMatch(/administrator +mara@example.org +The u-1 +yes/);
    expect(seen).toEqual([
      'GET /v1/admin/users?state=suspended&text=mara&limit=100',
      'GET /v1/admin/users?state=suspended&text=mara&limit=100&cursor=next',
    ]);
  });

  it('suspends and restores whoever has exactly this address', async () => {
    expect(await everwave('user', 'suspend', 'Mara@example.org')).toBe(0);
    expect(await everwave('user', 'restore', 'mara@example.org')).toBe(0);
    expect(seen.filter((call) => call.startsWith('POST'))).toEqual([
      'POST /v1/admin/users/u-1/suspend',
      'POST /v1/admin/users/u-1/restore',
    ]);
    expect(printed.join('\n')).toContain('The u-1 is suspended.');
  });

  it('suspends nobody whose address only resembles it', async () => {
    expect(await everwave('user', 'suspend', 'mara@example.or')).toBe(1);
    expect(await everwave('user', 'suspend')).toBe(2);
    expect(complained.join('\n')).toContain('Nobody here has an account with the address mara@example.or.');
    expect(seen.filter((call) => call.startsWith('POST'))).toEqual([]);
  });
});
