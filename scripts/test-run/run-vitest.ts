import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../lib/folders.ts';
import type { Measured } from './coverage-gates.ts';
import { judgeCoverage } from './judge-coverage.ts';
import { addUp, problem, tallyReport, type Tally } from './tally.ts';

export interface VitestRun {
  readonly args: readonly string[];
  /** An empty folder for what Vitest reports. */
  readonly reports: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Also measures what these tests cover, and holds it against its gates. */
  readonly coverage?: Measured | undefined;
}

/** Runs Vitest on the screen and counts by its own report. */
export const runVitest = async ({ args, reports, environment, coverage }: VitestRun): Promise<Tally> => {
  const reportFile = join(reports, 'tests.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const measuring = coverage === undefined ? [] : coverageArguments(coverage, reports);
  const tests = await startVitest([...args, ...reporters, ...measuring], reportFile, environment);
  if (coverage === undefined) return tests;
  const summaryFile = join(reports, 'coverage-summary.json');
  if (!existsSync(summaryFile)) return addUp([tests, problem('Vitest measured no coverage.')]);
  const { lines, tally } = judgeCoverage(JSON.parse(readFileSync(summaryFile, 'utf8')), coverage.gates, projectFolder);
  console.log(lines.join('\n'));
  return addUp([tests, tally]);
};

const coverageArguments = ({ folders }: Measured, reports: string): string[] => [
  '--coverage.enabled',
  ...folders.map((folder) => `--coverage.include=${folder}/**/*.ts`),
  `--coverage.reportsDirectory=${reports}`,
  '--coverage.clean=false',
];

const startVitest = (args: readonly string[], reportFile: string, environment: NodeJS.ProcessEnv): Promise<Tally> =>
  new Promise((resolve) => {
    const program = join(projectFolder, 'node_modules', '.bin', 'vitest');
    const child = spawn(program, ['run', ...args], { cwd: projectFolder, env: environment, stdio: 'inherit' });
    child.once('error', (error) => resolve(problem(`Vitest did not start: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (!existsSync(reportFile))
        return resolve(problem(`Vitest ended without a report (${signal ?? `exit code ${code}`}).`));
      resolve(tallyReport(JSON.parse(readFileSync(reportFile, 'utf8')), code ?? 1));
    });
  });
