import * as z from 'zod';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed without being a test: a file that could not be loaded, a runner that ended. One failure each. */
  readonly problems: readonly string[];
  /** Tests that failed, with their first line of why: a log is long, and its end is what one is shown. */
  readonly failures: readonly string[];
}

export const addUp = (tallies: readonly Tally[]): Tally => ({
  passed: sum(tallies, 'passed'),
  failed: sum(tallies, 'failed'),
  skipped: sum(tallies, 'skipped'),
  problems: tallies.flatMap(({ problems }) => problems),
  failures: tallies.flatMap(({ failures }) => failures),
});

const sum = (tallies: readonly Tally[], what: 'passed' | 'failed' | 'skipped'): number =>
  tallies.reduce((total, tally) => total + tally[what], 0);

export const problem = (text: string): Tally => ({ passed: 0, failed: 1, skipped: 0, problems: [text], failures: [] });

/** The parts of Vitest's JSON report that count. */
const reportSchema = z.object({
  success: z.boolean(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string().optional(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** Counts a run of Vitest. A run without a single test, and a file whose tests could not even be found, count as failures. */
export const tallyReport = (report: unknown, exitCode: number): Tally => {
  const { success, numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } =
    reportSchema.parse(report);
  const broken = testResults
    .filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    )
    .map(({ name, message }) => `${name}: ${message?.split('\n')[0] || 'failed outside its tests'}`);
  const empty = numPassedTests + numFailedTests + broken.length === 0 ? ['No test ran.'] : [];
  const unexplained =
    (exitCode !== 0 || !success) && numFailedTests + broken.length + empty.length === 0
      ? [`Vitest failed (exit code ${exitCode}) although no test did: an error outside the tests, see above.`]
      : [];
  const problems = [...broken, ...empty, ...unexplained];
  const failures = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => `${name}: ${fullName}: ${failureMessages?.[0]?.split('\n')[0] ?? ''}`),
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests + problems.length,
    skipped: numPendingTests + numTodoTests,
    problems,
    failures,
  };
};
