import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from './secrets.ts';

const secret = 'c4n&ry/"<Zq>ß+42';
const redactor = createRedactor({ token: secret, nested: { list: ['second-canary-value', 7] }, short: 'abc' });

describe('redaction', () => {
  it.each([
    ['as it is', secret],
    ['in JSON', JSON.stringify(secret)],
    ['percent-encoded', encodeURIComponent(secret)],
    ['percent-encoded in lower case', encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase())],
    ['in a form', new URLSearchParams({ a: secret }).toString()],
    ['in HTML', 'c4n&amp;ry/&quot;&lt;Zq&gt;ß+42'],
    ['in hex', Buffer.from(secret).toString('hex')],
    ['in upper-case hex', Buffer.from(secret).toString('hex').toUpperCase()],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64url', Buffer.from(secret).toString('base64url')],
    ['in a Basic header', Buffer.from(`user:${secret}`).toString('base64')],
    ['in base64 at another offset', Buffer.from(`ab${secret}cd`).toString('base64')],
    ['twice', `${secret}${secret}`],
    ['nested in the connection', 'second-canary-value'],
  ])('finds a secret %s', (_how, text) => {
    const clean = redactor.text(`before ${text} after`);
    expect(clean).toContain('[secret]');
    for (const part of [secret, 'c4n', 'canary-value', Buffer.from(secret).toString('base64').slice(4, 12)]) {
      expect(clean).not.toContain(part);
    }
  });

  it('leaves other text alone, and values too short to tell', () => {
    expect(redactor.text('abc is the alphabet, 7 is a number')).toBe('abc is the alphabet, 7 is a number');
    expect(createRedactor(null).text('anything')).toBe('anything');
  });

  it('cleans values and keys of an output, and keeps its shape', () => {
    expect(redactor.output({ [secret]: [secret, 1, null, { a: `x${secret}y` }], b: true })).toEqual({
      '[secret]': ['[secret]', 1, null, { a: 'x[secret]y' }],
      b: true,
    });
  });

  it('leaves a short secret in outputs, where it is more likely data', () => {
    const short = createRedactor({ pin: 'demo' });
    expect(short.output({ tier: 'demo' })).toEqual({ tier: 'demo' });
    expect(short.text('pin demo refused')).toBe('pin [secret] refused');
  });

  it('finds any secret wherever it stands', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, unit: 'binary' }), fc.string(), fc.string(), (value, before, after) => {
        fc.pre(!'[secret]'.includes(value));
        expect(createRedactor({ value }).text(`${before}${value}${after}`)).not.toContain(value);
      }),
      { numRuns: 50 },
    );
  });
});
