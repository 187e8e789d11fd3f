import type { Invitation, Member, OrgRole } from '@everwave/schema/api';
import { roleIdSchema } from '@everwave/schema/ids';
import { describe, expect, it } from 'vitest';
import { useStubApi } from './testing/use-stub-api.ts';

const at = '2026-03-01T12:00:00.000Z';
const member: Member = {
  id: 'm-1',
  userId: 'u-1',
  name: 'Noor Haddad',
  email: 'noor@example.org',
  role: 'operator',
  roleName: 'operator',
  joinedAt: at,
  lastSignInAt: null,
};
const invitation: Invitation = {
  id: 'i-1',
  email: 'new@example.org',
  role: roleIdSchema.parse('role_019c0000000070008000000000000000'),
  roleName: 'Night shift',
  invitedBy: 'Mara',
  createdAt: at,
  sentAt: at,
  expiresAt: at,
  isExpired: true,
};

const role = (id: string, name: string): OrgRole => ({
  id,
  name,
  description: '',
  isBuiltIn: id === name,
  permissions: [],
  usedBy: { people: 0, invitations: 0, serviceAccounts: 0, apiKeys: 0, grants: 0 },
  createdAt: null,
  updatedAt: null,
});
const roles = [role('owner', 'owner'), role('viewer', 'viewer'), role(invitation.role, invitation.roleName)];

const {
  everwave,
  calls: seen,
  printed,
  complained,
} = useStubApi(({ method, url }) => {
  const items = url === '/v1/roles' ? roles : url === '/v1/members' ? [member] : [invitation];
  return method === 'POST' ? invitation : { items };
});

describe('everwave member', () => {
  it('lists who belongs to the organisation and who is invited', async () => {
    expect(await everwave('member', 'list')).toBe(0);
    expect(printed.join('\n')).toMatch(/m-1 +operator +noor@example.org +Noor Haddad +never/);
    expect(printed.join('\n')).toMatch(/i-1 +Night shift +new@example.org +\(too old\)/);
  });

  it('invites with a role, also by the name that the organisation gave it', async () => {
    expect(await everwave('member', 'invite', 'new@example.org', '--role', 'viewer')).toBe(0);
    expect(await everwave('member', 'invite', 'new@example.org', '--role', 'Night shift')).toBe(0);
    expect(seen.filter((call) => call.startsWith('POST'))).toEqual([
      'POST /v1/invitations {"email":"new@example.org","role":"viewer"}',
      `POST /v1/invitations {"email":"new@example.org","role":"${invitation.role}"}`,
    ]);
    expect(printed.join('\n')).toContain('with the role Night shift');
  });

  it('invites with no role that there is not, and nobody as an owner', async () => {
    for (const named of ['owner', 'pilot']) {
      expect(await everwave('member', 'invite', 'new@example.org', '--role', named)).toBe(2);
    }
    expect(complained.join()).toContain('Unknown role pilot. One of: viewer, Night shift.');
    expect(seen.filter((call) => call.startsWith('POST'))).toEqual([]);
  });

  it('removes a member, or revokes an invitation, by address', async () => {
    expect(await everwave('member', 'remove', 'Noor@example.org')).toBe(0);
    expect(await everwave('member', 'remove', 'new@example.org')).toBe(0);
    expect(seen.filter((call) => call.startsWith('DELETE'))).toEqual([
      'DELETE /v1/members/m-1',
      'DELETE /v1/invitations/i-1',
    ]);
    expect(await everwave('member', 'remove', 'nobody@example.org')).toBe(1);
    expect(complained.join()).toContain('Nobody with the address nobody@example.org');
  });
});
