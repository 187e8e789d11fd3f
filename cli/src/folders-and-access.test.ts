import type { AccessOf, Folder } from '@everwave/schema/api';
import { folderIdSchema } from '@everwave/schema/ids';
import { describe, expect, it } from 'vitest';
import { useStubApi } from './testing/use-stub-api.ts';

const folder: Folder = {
  id: folderIdSchema.parse(`fold_${'1'.repeat(32)}`),
  name: 'Payroll',
  flows: 2,
  isRestricted: true,
  createdAt: '2026-03-01T12:00:00.000Z',
};
const noor = { kind: 'user', id: 'u-1', name: 'Noor' } as const;
const team = { kind: 'team', id: 't-1', name: 'Night shift' } as const;
const access: AccessOf = {
  revision: 'r1',
  isRestricted: true,
  grants: [{ grantee: noor, role: 'viewer', roleName: 'viewer' }],
  folder: null,
  reachedBy: [{ holder: noor, because: [{ by: 'grant', roleName: 'viewer', on: 'folder', team: null }] }],
};
const answers: Readonly<Record<string, object>> = {
  '/v1/folders': { items: [folder] },
  '/v1/grantees': {
    items: [
      { ...noor, detail: 'noor@example.org' },
      { ...team, detail: null },
    ],
  },
  '/v1/roles': {
    items: [
      {
        id: 'operator',
        name: 'operator',
        description: '',
        permissions: [],
        isBuiltIn: true,
        usedBy: { people: 0, invitations: 0, serviceAccounts: 0, apiKeys: 0, grants: 0 },
        createdAt: null,
        updatedAt: null,
      },
    ],
  },
};

const { everwave, changes, printed, complained } = useStubApi(({ method, url = '' }) =>
  url.endsWith('/access') ? access : method === 'GET' ? answers[url] : folder,
);
const path = `/v1/folders/${folder.id}`;
const kept = { grantee: { kind: 'user', id: 'u-1' }, role: 'viewer' };

describe('everwave folder', () => {
  it('lists, makes, renames and deletes', async () => {
    expect(await everwave('folder', 'list')).toBe(0);
    expect(printed.join('\n')).toMatch(/2 +restricted +Payroll/);
    expect(await everwave('folder', 'create', 'Payroll')).toBe(0);
    expect(await everwave('folder', 'rename', 'Payroll', 'Wages')).toBe(0);
    expect(await everwave('folder', 'delete', folder.id)).toBe(0);
    expect(changes).toEqual([
      'POST /v1/folders {"name":"Payroll"}',
      `PATCH ${path} {"name":"Wages"}`,
      `DELETE ${path}`,
    ]);
    expect(await everwave('folder', 'delete', 'Stock')).toBe(2);
    expect(complained.join('\n')).toContain('Unknown folder Stock. There are: Payroll.');
  });
});

describe('everwave access', () => {
  it('shows who reaches a thing, and why', async () => {
    expect(await everwave('access', 'show', 'folder', 'Payroll')).toBe(0);
    expect(printed.join('\n')).toContain('Payroll is restricted: only who has a grant reaches it');
    expect(printed.join('\n')).toMatch(/Noor +viewer +grant on the folder/);
  });

  it('gives and takes a grant beside the others, against what it has read', async () => {
    expect(await everwave('access', 'grant', 'folder', 'Payroll', 'Night shift', '--role', 'operator')).toBe(0);
    expect(await everwave('access', 'grant', 'folder', 'Payroll', 'noor@example.org')).toBe(0);
    expect(await everwave('access', 'revoke', 'folder', 'Payroll', 'noor@example.org')).toBe(0);
    expect(await everwave('access', 'open', 'folder', 'Payroll')).toBe(0);
    const bodies = changes.map((call) => JSON.parse(call.slice(call.indexOf('{'))));
    expect(bodies).toEqual([
      {
        revision: 'r1',
        isRestricted: true,
        grants: [kept, { grantee: { kind: 'team', id: 't-1' }, role: 'operator' }],
      },
      { revision: 'r1', isRestricted: true, grants: [{ ...kept, role: null }] },
      { revision: 'r1', isRestricted: true, grants: [] },
      { revision: 'r1', isRestricted: false, grants: [kept] },
    ]);
  });

  it('says what is missing or not there, and changes nothing', async () => {
    expect(await everwave('access', 'grant', 'folder', 'Payroll')).toBe(2);
    expect(await everwave('access', 'show', 'run', 'x')).toBe(2);
    expect(await everwave('access', 'grant', 'folder', 'Payroll', 'Nobody')).toBe(2);
    expect(await everwave('access', 'revoke', 'folder', 'Payroll', 'Night shift')).toBe(1);
    expect(complained.join('\n')).toContain('Missing <who>.');
    expect(complained.join('\n')).toContain('not to a run');
    expect(complained.join('\n')).toContain('Unknown person, team, service account or key Nobody.');
    expect(complained.join('\n')).toContain('Night shift has no grant on Payroll.');
    expect(changes).toEqual([]);
  });
});
