import { type Permission, permissions, rolePermissions, roles } from '@everwave/schema/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInRole, cutTo, heldRole } from './find-role.ts';
import { beyond, mayDo } from './permissions.ts';

const someSet = fc.subarray([...permissions]).map((each) => new Set(each));

describe('a caller', () => {
  it('may do what they hold, and nothing else', () => {
    fc.assert(
      fc.property(someSet, fc.constantFrom(...permissions), (held, permission) => {
        expect(mayDo({ permissions: held }, permission)).toBe(held.has(permission));
      }),
    );
  });

  it('hands out what they hold, and nothing else', () => {
    fc.assert(
      fc.property(someSet, someSet, (held, given) => {
        expect(beyond({ permissions: held }, given)).toEqual([...given].filter((each) => !held.has(each)));
      }),
    );
  });
});

describe('a role', () => {
  it('is looked up by its name', () => {
    for (const role of roles) expect(heldRole(role, null)).toEqual(builtInRole(role));
  });

  it.each(['', 'root', 'owner ', '__proto__', 'constructor'])('“%s” does not exist and holds nothing', (name) => {
    expect(heldRole(name, null)).toBeNull();
  });

  it('of the org’s own holds what it says, and stands for the greatest built-in one it holds in full', () => {
    const own = (held: readonly Permission[]) => heldRole('role_1', { name: 'Own', permissions: [...held] });
    for (const role of roles) expect(own(rolePermissions[role])?.role).toBe(role);
    expect(own(['flows:read', 'org:manage'])?.role).toBe('viewer');
    expect(own(rolePermissions.admin.filter((each) => each !== 'flows:write'))?.role).toBe('operator');
  });

  it('is only ever cut by the scopes of a key', () => {
    fc.assert(
      fc.property(fc.constantFrom(...roles), fc.option(fc.subarray([...permissions])), (role, scopes) => {
        const held = builtInRole(role);
        const { permissions: left } = cutTo(held, scopes);
        for (const permission of permissions) {
          const expected = held.permissions.has(permission) && (scopes === null || scopes.includes(permission));
          expect([permission, left.has(permission)]).toEqual([permission, expected]);
        }
      }),
    );
  });
});
