import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import type { Invitation, Member, OrgRole } from '@everwave/schema/api';
import { roleIdSchema } from '@everwave/schema/ids';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './cli.ts';

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

let server: Server;
let seen: string[];
let printed: string[];
let complained: string[];

beforeEach(async () => {
  [seen, printed, complained] = [[], [], []];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      seen.push(`${request.method} ${request.url} ${body}`.trim());
      if (request.method === 'DELETE') return response.writeHead(204).end();
      const items = request.url === '/v1/roles' ? roles : request.url === '/v1/members' ? [member] : [invitation];
      const reply = request.method === 'POST' ? invitation : { items };
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const everwave = (...words: string[]) =>
  runCli(words, {
    environment: {
      EVERWAVE_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      EVERWAVE_API_KEY: 'ew_test',
    },
    folder: tmpdir(),
    print: (line) => void printed.push(line),
    complain: (line) => void complained.push(line),
    runScript: () => Promise.resolve(0),
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
