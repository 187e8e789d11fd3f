import { describe, expect, it } from 'vitest';
import { summaryOf } from './summary.ts';

const bytes = (text: string) => Buffer.byteLength(text, 'utf8');

describe('summaryOf', () => {
  it('leaves a short text as it is', () => {
    expect(summaryOf('Send the invoice')).toBe('Send the invoice');
    expect(summaryOf('x'.repeat(120))).toBe('x'.repeat(120));
  });

  it.each(['x'.repeat(121), 'é'.repeat(90), '日本'.repeat(60), '🚀'.repeat(40)])(
    'cuts a long text between characters, within 120 bytes',
    (text) => {
      const summary = summaryOf(text);
      expect(bytes(summary)).toBeLessThanOrEqual(120);
      expect(bytes(summary)).toBeGreaterThan(112);
      expect(summary.endsWith('…')).toBe(true);
      expect(text.startsWith(summary.slice(0, -1))).toBe(true);
    },
  );
});
