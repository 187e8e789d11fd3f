import { permissions, roles } from '@everwave/schema/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInRole, findRole } from './find-role.ts';
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
    for (const role of roles) expect(findRole(role)).toEqual(builtInRole(role));
  });

  it.each(['', 'root', 'owner ', '__proto__', 'constructor'])('“%s” does not exist and holds nothing', (name) => {
    expect(findRole(name)).toBeNull();
  });
});
