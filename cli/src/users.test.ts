import type { Account } from '@everwave/schema/api';
import { orgIdSchema } from '@everwave/schema/ids';
import { describe, expect, it } from 'vitest';
import { useStubApi } from './testing/use-stub-api.ts';

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

const {
  everwave,
  calls: seen,
  printed,
  complained,
} = useStubApi(({ method, url }) => {
  const isSecond = url?.includes('cursor=next');
  const list = { items: isSecond ? [first] : [second], nextCursor: isSecond ? null : 'next' };
  return method === 'GET' ? list : first;
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
      'POST /v1/admin/users/u-1/suspend {}',
      'POST /v1/admin/users/u-1/restore {}',
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
