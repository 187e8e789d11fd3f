import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../lib/folders.ts';
import { integrationCoverage, unitCoverage } from './coverage-gates.ts';
import { judgeCoverage } from './judge-coverage.ts';

const counts = (covered: number, total = 100) => {
  const count = { total, covered };
  return { lines: count, statements: count, functions: count, branches: count };
};
const gate = (above: number) => ({
  title: 'the kernel',
  files: /^kernel\//,
  above: { lines: above, statements: above, functions: above, branches: above },
});
const summary = {
  total: counts(1, 1_000),
  '/work/kernel/a.ts': counts(100),
  '/work/kernel/b.ts': counts(80),
  '/work/other/kernel/c.ts': counts(0, 10_000),
};

describe('a gate', () => {
  it('passes when its own files reach more than it asks', () => {
    const { lines, tally } = judgeCoverage(summary, [gate(89)], '/work');
    expect(tally).toEqual({ passed: 1, failed: 0, skipped: 0, problems: [], failures: [] });
    expect(lines).toEqual([
      '✓ the kernel: lines 90.0 %, statements 90.0 %, functions 90.0 %, branches 90.0 %, in 2 files',
    ]);
  });

  it('fails at what it asks, and at what nobody can reach', () => {
    for (const above of [90, 101]) {
      const { tally, lines } = judgeCoverage(summary, [gate(above)], '/work');
      expect(tally).toMatchObject({ passed: 0, failed: 1 });
      expect(tally.problems[0]).toContain(`wanted: more than ${above} % of lines`);
      expect(lines[0]).toMatch(/^✗ the kernel: lines 90\.0 %/);
    }
  });

  it('fails when one kind alone is too low', () => {
    const low = { ...counts(100), branches: { total: 100, covered: 50 } };
    const { tally } = judgeCoverage({ '/work/kernel/a.ts': low }, [gate(80)], '/work');
    expect(tally.problems).toEqual([
      'the kernel: lines 100.0 %, statements 100.0 %, functions 100.0 %, branches 50.0 %; wanted: more than 80 % of branches',
    ]);
  });

  it('fails when it measured nothing', () => {
    expect(judgeCoverage({ total: counts(100) }, [gate(80)], '/work').tally.failed).toBe(1);
  });
});

it('each gate belongs to folders that exist and are measured', () => {
  for (const { folders, gates } of [unitCoverage, integrationCoverage]) {
    expect(gates.length).toBeGreaterThan(0);
    expect(folders.filter((folder) => !existsSync(join(projectFolder, folder)))).toEqual([]);
    for (const { files, title } of gates) {
      expect([
        title,
        folders.some((folder) => ['interpreter', 'db'].some((part) => files.test(`${folder}/${part}/x.ts`))),
      ]).toEqual([title, true]);
    }
  }
});
