import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileLinearRegex } from './linear-regex.ts';

const free = () => undefined;

const matchAll = (source: string, text: string, charge: (steps: number) => void = free) => {
  const pattern = compileLinearRegex(source);
  const found: [number, ...(string | undefined)[]][] = [];
  for (let from = 0; from <= text.length; ) {
    const match = pattern.match(text, from, charge);
    if (!match) break;
    found.push([match.index, ...match.groups]);
    from = match.index + Math.max(1, match.groups[0]?.length ?? 0);
  }
  return found;
};

describe('a linear regular expression', () => {
  it('finds what the language’s own engine finds', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '[ab]',
      '.',
      '\\w',
      '\\s',
      'a+',
      'b*',
      '(a|b)',
      '(?:ab)?',
      '(a*)',
      '^',
      '$',
      '\\b',
      'é',
    );
    const text = fc
      .array(fc.constantFrom('a', 'b', ' ', 'é', '😀', 'ab'), { maxLength: 12 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), text, (pieces, subject) => {
        const source = pieces.join('');
        const expected = new RegExp(source, 'u').exec(subject);
        const [first] = matchAll(source, subject);
        // RE2 calls a group that matched nothing inside a repetition empty or absent where others differ: the match counts.
        expect(first?.slice(0, 2)).toEqual(expected ? [expected.index, expected[0]] : undefined);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['(?=a)', '(?!a)', '(?<=a)b', '(a)\\1', 'a{1001}', '((a{100}){100}){100}', '(a{0,30}){0,30}'])(
    'refuses %s',
    (source) => {
      expect(() => compileLinearRegex(source)).toThrow(/cannot be used|too large/);
    },
  );

  it('charges what it reads, and nothing for text it can skip', () => {
    const cost = (source: string, text: string) => {
      let spent = 0;
      matchAll(source, text, (steps) => (spent += steps));
      return spent;
    };
    const once = cost('a(.*b)?$', 'a'.repeat(1_000));
    expect(cost('a(.*b)?$', 'a'.repeat(4_000))).toBeGreaterThan(once * 3);
    const quadratic = cost('a(.*b)?', 'a'.repeat(200));
    expect(cost('a(.*b)?', 'a'.repeat(800))).toBeGreaterThan(quadratic * 10);
    expect(cost(',', 'a'.repeat(100_000))).toBeLessThan(10);
  });

  it('stops in the middle of its work when the charge says so', () => {
    const pattern = compileLinearRegex('a(.*b)?');
    let reads = 0;
    const limited = () => {
      reads += 1;
      if (reads > 100) throw new Error('enough');
    };
    expect(() => pattern.match('a'.repeat(1_000_000), 0, limited)).toThrow('enough');
    expect(reads).toBe(101);
  });
});
