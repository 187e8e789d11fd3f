import { relative } from 'node:path';
import * as z from 'zod';
import type { CoverageGate } from './coverage-gates.ts';
import type { Tally } from './tally.ts';

const kinds = ['lines', 'statements', 'functions', 'branches'] as const;

const countSchema = z.object({ total: z.number(), covered: z.number() });
const summarySchema = z.record(
  z.string(),
  z.object({ lines: countSchema, statements: countSchema, functions: countSchema, branches: countSchema }),
);

interface Judgement {
  /** One line per gate, for the screen. */
  readonly lines: readonly string[];
  /** Each gate counts as one test. */
  readonly tally: Tally;
}

/**
 * Holds a report of Istanbul's form `json-summary`, whose keys are absolute paths, against the gates. A gate to which no
 * file belongs fails: it measured nothing.
 */
export const judgeCoverage = (summary: unknown, gates: readonly CoverageGate[], folder: string): Judgement => {
  const files = Object.entries(summarySchema.parse(summary)).map(
    ([path, counts]) => [relative(folder, path).replaceAll('\\', '/'), counts] as const,
  );
  const judged = gates.map(({ title, files: pattern, above }) => {
    const measured = files.filter(([path]) => pattern.test(path));
    const reached = kinds.map((kind) => {
      const total = sum(measured.map(([, counts]) => counts[kind].total));
      const covered = sum(measured.map(([, counts]) => counts[kind].covered));
      return { kind, percent: total === 0 ? 0 : (100 * covered) / total, above: above[kind] };
    });
    const missed = reached.filter(({ percent, above: bound }) => !(percent > bound));
    const shown = reached.map(({ kind, percent }) => `${kind} ${percent.toFixed(1)} %`).join(', ');
    const wanted = missed.map(({ kind, above: bound }) => `more than ${bound} % of ${kind}`).join(', ');
    return {
      line: `${missed.length === 0 ? '✓' : '✗'} ${title}: ${shown}, in ${measured.length} files`,
      problem: missed.length === 0 ? null : `${title}: ${shown}; wanted: ${wanted}`,
    };
  });
  const problems = judged.flatMap(({ problem }) => (problem === null ? [] : [problem]));
  return {
    lines: judged.map(({ line }) => line),
    tally: { passed: judged.length - problems.length, failed: problems.length, skipped: 0, problems, failures: [] },
  };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
