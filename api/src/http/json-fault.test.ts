import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonFault } from './json-fault.ts';

describe('findJsonFault', () => {
  it('finds nothing in any JSON of ordinary depth', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (text) => {
        fc.pre(!text.includes('__proto__'));
        expect(findJsonFault(text)).toBeNull();
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string(), (text) => void findJsonFault(text)));
  });

  it('says where the syntax breaks without repeating the text', () => {
    const fault = findJsonFault('{"token": "canary-secret" oops}');
    expect(fault?.message).toMatch(/unexpected text at position 26/);
    expect(fault?.message).not.toContain('canary');
    expect(findJsonFault('')?.code).toBe('malformed_json');
    expect(findJsonFault('{"a":')?.code).toBe('malformed_json');
  });

  it('names the place of a key that reaches a prototype, however it is spelled', () => {
    expect(findJsonFault('{"a":[{"b":{"__proto__":1}}]}')).toMatchObject({ code: 'invalid_request', path: 'a.0.b' });
    expect(findJsonFault(String.raw`{"\u005f_proto__":1}`)).toMatchObject({ code: 'invalid_request', path: '' });
  });

  it('stops at a depth that would overflow whoever walks it', () => {
    expect(findJsonFault('['.repeat(100) + ']'.repeat(100))).toBeNull();
    expect(findJsonFault('['.repeat(100_000) + ']'.repeat(100_000))).toMatchObject({ code: 'invalid_request' });
  });
});
