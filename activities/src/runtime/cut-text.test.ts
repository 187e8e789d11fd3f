import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText, cutTextBefore } from './cut-text.ts';

const isWellFormed = (text: string): boolean => Buffer.from(text).toString() === text;

describe('a text that is cut', () => {
  it('stays as it is when it fits', () => {
    expect([cutText('abc', 3), cutTextBefore('abc', 3)]).toEqual(['abc', 'abc']);
  });

  it('keeps its beginning, or its end', () => {
    expect([cutText('abcdef', 4), cutTextBefore('abcdef', 4)]).toEqual(['abc…', '…def']);
  });

  it('leaves out a character rather than half of it', () => {
    expect([cutText('ab😀cd', 4), cutText('ab😀cd', 5)]).toEqual(['ab…', 'ab😀…']);
    expect([cutTextBefore('ab😀cd', 4), cutTextBefore('ab😀cd', 5)]).toEqual(['…cd', '…😀cd']);
  });

  it('is never longer than asked for, and whole when it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.integer({ min: 1, max: 20 }), (text, length) => {
        for (const short of [cutText(text, length), cutTextBefore(text, length)]) {
          expect(short.length).toBeLessThanOrEqual(length);
          expect(isWellFormed(short)).toBe(true);
        }
      }),
    );
  });
});
