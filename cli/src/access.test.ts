import type { ApiKey, Member, OrgRole, ServiceAccount } from '@everwave/schema/api';
import { roleIdSchema, serviceAccountIdSchema } from '@everwave/schema/ids';
import { describe, expect, it } from 'vitest';
import { useStubApi } from './testing/use-stub-api.ts';

const at = '2026-03-01T12:00:00.000Z';
const roleId = roleIdSchema.parse(`role_${'1'.repeat(32)}`);
const accountId = serviceAccountIdSchema.parse(`svc_${'2'.repeat(32)}`);
const usedBy = { people: 2, invitations: 0, serviceAccounts: 1, apiKeys: 3, grants: 0 };
const role = (id: string, name: string): OrgRole => ({
  id,
  name,
  description: '',
  isBuiltIn: id === name,
  permissions: ['runs:read'],
  usedBy,
  createdAt: null,
  updatedAt: null,
});
const roles = [role('viewer', 'viewer'), role(roleId, 'Night shift')];
const account: ServiceAccount = {
  id: accountId,
  name: 'Importer',
  description: '',
  role: 'viewer',
  roleName: 'viewer',
  apiKeys: 2,
  disabledAt: null,
  createdAt: at,
};
const key = (id: string, name: string, more: Partial<ApiKey> = {}): ApiKey => ({
  id,
  name,
  start: `ew_${id}`,
  role: 'viewer',
  roleName: 'viewer',
  serviceAccount: null,
  scopes: null,
  permissions: ['runs:read'],
  createdBy: null,
  createdAt: at,
  expiresAt: null,
  lastUsedAt: null,
  ...more,
});
const keys = [
  key('k1', 'Nightly', { scopes: ['runs:read', 'runs:start'], expiresAt: at }),
  key('k2', 'Import', { serviceAccount: { id: accountId, name: 'Importer' } }),
  key('k3', 'Twice'),
  key('k4', 'Twice'),
];
const member: Member = {
  id: 'm-1',
  userId: 'u-1',
  name: 'Noor Haddad',
  email: 'noor@example.org',
  role: 'viewer',
  roleName: 'viewer',
  joinedAt: at,
  lastSignInAt: null,
};
const secret = 'ew_the-key-itself';

const replies: Readonly<Record<string, object>> = {
  'GET /v1/api-keys': { items: keys },
  'POST /v1/api-keys': { ...key('k5', 'Reports'), key: secret },
  'GET /v1/roles': { items: roles },
  'POST /v1/roles': role(roleId, 'Night shift'),
  'GET /v1/members': { items: [member] },
  'PATCH /v1/members/m-1': { ...member, role: roleId, roleName: 'Night shift' },
  'GET /v1/service-accounts': { items: [account] },
  'POST /v1/service-accounts': account,
};

const { everwave, changes, printed, complained } = useStubApi(({ method, url }) => replies[`${method} ${url}`]);
const shown = () => printed.join('\n');
const lists = [
  ['key', keys],
  ['role', roles],
  ['service-account', [account]],
] as const;

it.each(lists)('everwave %s list prints JSON for programs', async (group, items) => {
  expect(await everwave(group, 'list', '--json')).toBe(0);
  expect(JSON.parse(shown())).toEqual({ items });
});

describe('everwave key', () => {
  it('lists what each may do, and until when', async () => {
    expect(await everwave('key', 'list')).toBe(0);
    expect(shown()).toMatch(/k1 +ew_k1 +Nightly +viewer +runs:read runs:start +2026-03-01T12:00:00.000Z +never/);
    expect(shown()).toMatch(/k2 +ew_k2 +Import +viewer \(Importer\) +all +never +never/);
  });

  it('makes one of a role, cut and for a time, and shows it once', async () => {
    const words = ['--role', 'Night shift', '--scope', 'runs:read', '--scope', 'runs:start', '--days', '30'];
    expect(await everwave('key', 'create', 'Reports', ...words)).toBe(0);
    expect(changes).toEqual([
      `POST /v1/api-keys {"name":"Reports","role":"${roleId}","scopes":["runs:read","runs:start"],"expiresInDays":30}`,
    ]);
    // Alone on its line, so that a script may take it.
    expect(printed[0]).toBe(secret);
    expect(printed[1]).toContain('not shown again');
  });

  it('makes one of a service account, by its name', async () => {
    expect(await everwave('key', 'create', 'Import', '--service-account', 'Importer')).toBe(0);
    expect(changes).toEqual([`POST /v1/api-keys {"name":"Import","serviceAccountId":"${accountId}"}`]);
  });

  it.each([
    [['--role', 'pilot'], 'Unknown role pilot. There are: viewer, Night shift.'],
    [['--service-account', 'Robot'], 'Unknown service account Robot. There are: Importer.'],
    [['--scope', 'runs:fly'], 'Unknown permission runs:fly.'],
    [['--days', 'ten'], '--days takes a whole number of days'],
    [['--role', 'viewer', '--service-account', 'Importer'], 'leave --role out'],
  ])('makes none with %s', async (words, said) => {
    expect(await everwave('key', 'create', 'Reports', ...words)).toBe(2);
    expect(complained.join()).toContain(said);
    expect(changes).toEqual([]);
  });

  it('revokes by id, name or beginning, and never one of two of the same name', async () => {
    for (const named of ['k1', 'Import', 'ew_k3']) expect(await everwave('key', 'revoke', named)).toBe(0);
    expect(changes).toEqual(['k1', 'k2', 'k3'].map((id) => `DELETE /v1/api-keys/${id}`));
    expect(await everwave('key', 'revoke', 'Twice')).toBe(2);
    expect(complained.join()).toContain('Name one of k3, k4.');
    expect(changes).toHaveLength(3);
  });
});

describe('everwave role', () => {
  it('lists what each holds and how many have it', async () => {
    expect(await everwave('role', 'list')).toBe(0);
    expect(shown()).toMatch(/role_1+ +Night shift +2 +4 +runs:read/);
  });

  it('makes one of single permissions, and none that is empty', async () => {
    const words = ['--permission', 'runs:read', '--permission', 'runs:repair', '--description', 'Nights'];
    expect(await everwave('role', 'create', 'Night shift', ...words)).toBe(0);
    expect(changes).toEqual([
      'POST /v1/roles {"name":"Night shift","permissions":["runs:read","runs:repair"],"description":"Nights"}',
    ]);
    expect(await everwave('role', 'create', 'Empty')).toBe(2);
    expect(complained.join()).toContain('at least one --permission');
  });

  it('deletes one of the organisation’s own, and no other', async () => {
    expect(await everwave('role', 'delete', 'Night shift')).toBe(0);
    expect(await everwave('role', 'delete', 'viewer')).toBe(2);
    expect(changes).toEqual([`DELETE /v1/roles/${roleId}`]);
    expect(complained.join()).toContain('built in');
  });

  it('gives one to a member', async () => {
    expect(await everwave('role', 'assign', 'Night shift', 'Noor@example.org')).toBe(0);
    expect(changes).toEqual([`PATCH /v1/members/m-1 {"role":"${roleId}"}`]);
    expect(shown()).toContain('Noor Haddad is Night shift now.');
    expect(await everwave('role', 'assign', 'viewer', 'nobody@example.org')).toBe(1);
    expect(complained.join()).toContain('Nobody with the address nobody@example.org');
  });
});

describe('everwave service-account', () => {
  it('lists them with their role and keys', async () => {
    expect(await everwave('service-account', 'list')).toBe(0);
    expect(shown()).toMatch(/svc_2+ +Importer +viewer +2 +on/);
  });

  it('makes one, and says how it gets a key', async () => {
    expect(await everwave('service-account', 'create', 'Importer', '--role', 'Night shift')).toBe(0);
    expect(changes).toEqual([`POST /v1/service-accounts {"name":"Importer","role":"${roleId}"}`]);
    expect(shown()).toContain(`everwave key create <name> --service-account ${accountId}`);
  });

  it('deletes one with its keys', async () => {
    expect(await everwave('service-account', 'delete', 'Importer')).toBe(0);
    expect(changes).toEqual([`DELETE /v1/service-accounts/${accountId}`]);
    expect(shown()).toContain('with 2 keys');
  });
});
