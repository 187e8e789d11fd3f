import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from './lib/folders.ts';

interface Named {
  readonly file: string;
  readonly title: string;
}

/** The cells of each row: number, what happens, what we do, tests. */
const rows = readFileSync(join(projectFolder, 'docs', 'failure-modes.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));

/** `file` “title”, “another title of that file”; … */
const testsOf = (cell: string): Named[] =>
  [...cell.matchAll(/`([^`]+\.test\.ts)` ((?:“[^”]+”(?:, )?)+)/g)].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
  );

/** Whether a test or a group of tests stands there under this title: `it('title'`, or `it.each([ … ])('title'`. */
const exists = ({ file, title }: Named): boolean => {
  let text: string;
  try {
    text = readFileSync(join(projectFolder, file), 'utf8');
  } catch {
    return false;
  }
  const [before, ...others] = text.replaceAll(String.raw`\'`, "'").split(title);
  let opening = before ?? '';
  return others.some((after) => {
    const isTitle =
      /(?:\b(?:it|test|describe)(?:\.\w+)*|\))\(\s*['"`]$/.test(opening.slice(-200)) && /^['"`],/.test(after);
    opening = after;
    return isTitle;
  });
};

describe('docs/failure-modes.md', () => {
  it('has all twenty-five, in order, each with what we do', () => {
    expect(rows.map(([number]) => Number(number))).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
    expect(rows.filter((cells) => cells.length !== 4 || cells.some((cell) => cell.trim() === ''))).toEqual([]);
  });

  it.each(rows.map(([number = '', , , tests = '']) => ({ number, tests })))(
    'names tests of mode $number that exist, or says why there is none',
    ({ tests }) => {
      const named = testsOf(tests);
      if (named.length === 0) expect(tests).toMatch(/^Not tested yet: \S/);
      expect(named.filter((each) => !exists(each))).toEqual([]);
      // Nothing in quotation marks escapes the reading above.
      expect(named).toHaveLength(tests.match(/“/g)?.length ?? 0);
    },
  );

  it('would notice a test that is gone', () => {
    const [first] = testsOf(rows[0]?.[3] ?? '');
    if (!first) throw new Error('The first mode names no test.');
    expect(exists(first)).toBe(true);
    expect(exists({ ...first, title: `${first.title} no more` })).toBe(false);
    expect(exists({ ...first, file: 'schema/src/gone.test.ts' })).toBe(false);
    expect(exists({ file: 'scripts/failure-modes.test.ts', title: first.title })).toBe(false);
  });
});
