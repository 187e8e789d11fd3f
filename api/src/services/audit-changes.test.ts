import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditBounds, changesOf } from './audit-changes.ts';

describe('what changed', () => {
  it('is the fields that differ, with what they were and what they became', () => {
    const before = { name: 'Orders', tags: ['a'], limits: { atOnce: 3, rate: null }, same: 1 };
    const after = { name: 'Orders 2', tags: ['a', 'b'], limits: { atOnce: 5, rate: null }, same: 1 };
    expect(changesOf(before, after)).toEqual({
      name: { before: 'Orders', after: 'Orders 2' },
      tags: { before: ['a'], after: ['a', 'b'] },
      'limits.atOnce': { before: 3, after: 5 },
    });
  });

  it('is nothing when nothing differs, or an empty field went away', () => {
    expect(changesOf({ name: 'A', note: null }, { name: 'A' })).toBeNull();
    expect(changesOf(undefined, undefined)).toBeNull();
  });

  it('says of what was made or removed all that it was', () => {
    expect(changesOf(undefined, { name: 'A' })).toEqual({ name: { before: null, after: 'A' } });
    expect(changesOf({ name: 'A' }, undefined)).toEqual({ name: { before: 'A', after: null } });
  });

  it('cuts what is long, and says so', () => {
    const changes = changesOf({}, { text: 'x'.repeat(5_000), list: Array.from({ length: 2_000 }, () => 'y') });
    expect(changes?.['text']?.after).toBe(`${'x'.repeat(auditBounds.text)}… (5000 characters)`);
    expect(String(changes?.['list']?.after).length).toBeLessThan(auditBounds.text + 40);
    const many = Object.fromEntries(Array.from({ length: 130 }, (_, index) => [`field${index}`, index]));
    expect(Object.keys(changesOf({}, many) ?? {})).toHaveLength(auditBounds.fields + 1);
    expect(changesOf({}, many)?.['…']).toEqual({ after: '30 more fields' });
  });

  // A value that stands nowhere else in what is kept.
  const canary = 'canary-7f3a';
  const secretNames = [
    'secret',
    'password',
    'newPassword',
    'token',
    'refreshToken',
    'tokenHash',
    'secretSealed',
  ].concat(['apiKey', 'private_key', 'Authorization', 'cookie', 'clientSecret', 'credential']);
  it('never holds a secret, at whatever depth it stands', () => {
    const holder = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.record({ secret: fc.constantFrom(...secretNames) }).map(({ secret }) => ({ [secret]: canary })),
        fc.record({ secret: fc.constantFrom(...secretNames) }).map(({ secret }) => ({ [secret]: { inner: [canary] } })),
        fc.webPath().map((path) => ({ url: `https://user:${canary}@host.example${path}` })),
        fc.record({ inner: tie('tree') }),
        fc.record({ list: fc.array(tie('tree'), { maxLength: 3 }) }),
        fc.constant({ bytes: new TextEncoder().encode(canary) }),
      ),
    })).tree;
    fc.assert(
      fc.property(holder, (after) => {
        expect(JSON.stringify(changesOf({}, after as Record<string, unknown>))).not.toContain(canary);
      }),
      { numRuns: 500 },
    );
  });

  it('says that a secret changed', () => {
    expect(changesOf({ token: 'one' }, { token: 'two' })).toEqual({ token: { isHidden: true } });
  });
});
