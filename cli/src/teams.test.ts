import type { Member, Team } from '@everwave/schema/api';
import { describe, expect, it } from 'vitest';
import { useStubApi } from './testing/use-stub-api.ts';

const at = '2026-03-01T12:00:00.000Z';
const person = (id: string, name: string): Member => ({
  id,
  userId: `u-${id}`,
  name,
  email: `${name.toLowerCase()}@example.org`,
  role: 'operator',
  roleName: 'operator',
  joinedAt: at,
  lastSignInAt: null,
});
const [noor, teo] = [person('m-1', 'Noor'), person('m-2', 'Teo')];
const { userId: _userId, joinedAt: _joinedAt, lastSignInAt: _lastSignInAt, ...placed } = noor;
const team: Team = { id: 't-1', name: 'Night shift', members: [placed], createdAt: at };

const {
  everwave,
  changes: seen,
  printed,
  complained,
} = useStubApi(({ method, url }) =>
  method === 'GET' ? { items: url === '/v1/members' ? [noor, teo] : [team] } : team,
);

describe('everwave team', () => {
  it('lists the teams with their members', async () => {
    expect(await everwave('team', 'list')).toBe(0);
    expect(printed.join('\n')).toMatch(/Night shift +operator +noor@example.org +Noor/);
    expect(await everwave('team', 'list', '--json')).toBe(0);
    expect(JSON.parse(printed.at(-1) ?? '')).toEqual([team]);
  });

  it('makes, fills, empties and deletes a team, by its name and by addresses', async () => {
    expect(await everwave('team', 'create', 'Night shift')).toBe(0);
    expect(await everwave('team', 'add', 'night shift', 'Teo@example.org')).toBe(0);
    expect(await everwave('team', 'remove', 'Night shift', 'noor@example.org')).toBe(0);
    expect(await everwave('team', 'delete', 'Night shift')).toBe(0);
    expect(seen).toEqual([
      'POST /v1/teams {"name":"Night shift"}',
      'PUT /v1/teams/t-1/members/m-2 {}',
      'DELETE /v1/teams/t-1/members/m-1',
      'DELETE /v1/teams/t-1',
    ]);
  });

  it('says which team and which person it does not find, and changes nothing', async () => {
    expect(await everwave('team', 'delete', 'Day shift')).toBe(1);
    expect(await everwave('team', 'add', 'Night shift', 'nobody@example.org')).toBe(1);
    expect(await everwave('team', 'remove', 'Night shift', 'teo@example.org')).toBe(1);
    expect(await everwave('team', 'add', 'Night shift')).toBe(2);
    expect(complained.join('\n')).toContain('There is no team Day shift. One of: Night shift.');
    expect(complained.join('\n')).toContain('Nobody with the address nobody@example.org is a member');
    expect(complained.join('\n')).toContain('Nobody with the address teo@example.org is in the team Night shift.');
    expect(seen).toEqual([]);
  });
});
