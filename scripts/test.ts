import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal } from './lib/refusal.ts';
import { integrationCoverage, type Measured, unitCoverage } from './test-run/coverage-gates.ts';
import { prepareTests } from './test-run/prepare-tests.ts';
import { runChecks } from './test-run/run-checks.ts';
import { runVitest } from './test-run/run-vitest.ts';
import { addUp, type Tally } from './test-run/tally.ts';

interface Group {
  readonly title: string;
  readonly projects: readonly string[];
  /** Test files at once. */
  readonly atOnce: number;
  readonly coverage?: Measured;
}

// Left to itself, Vitest keeps one core free, which on two cores means one file at a time.
const shared = Math.max(2, availableParallelism() - 1);

/** What runs one after the other. Servers, a browser and the processes that are killed get the machine to themselves. */
const groups: readonly Group[] = [
  { title: 'rules of the product', projects: ['schema', 'activities'], atOnce: shared, coverage: unitCoverage },
  {
    title: 'Temporal, Postgres and HTTP',
    projects: ['temporal', 'temporal-workers', 'api', 'cli'],
    atOnce: 1,
    coverage: integrationCoverage,
  },
  { title: 'web and scripts', projects: ['web', 'scripts'], atOnce: shared },
  { title: 'a browser on the whole stack', projects: ['e2e'], atOnce: 1 },
  { title: 'killed processes', projects: ['chaos'], atOnce: 1 },
];

/** Runs everything, or what the arguments select: `npm test -- --project api -t webhook`. The last line is `N passed, N failed`. */
const main = async (): Promise<void> => {
  const selection = process.argv.slice(2);
  const started = performance.now();
  const environment = await prepareTests((line) => console.log(line));
  const reports = mkdtempSync(join(tmpdir(), 'everwave-reports-'));
  const tallies: Tally[] = [];
  try {
    const vitest = (args: readonly string[], coverage?: Measured) => {
      const folder = join(reports, String(tallies.length));
      mkdirSync(folder);
      return runVitest({ args, reports: folder, environment, coverage });
    };
    if (selection.length > 0) tallies.push(await vitest(selection));
    else {
      console.log('\n── checks');
      tallies.push(await runChecks(environment));
      for (const { title, projects, atOnce, coverage } of groups) {
        console.log(`\n── ${title}`);
        tallies.push(
          await vitest([...projects.map((project) => `--project=${project}`), `--maxWorkers=${atOnce}`], coverage),
        );
      }
    }
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
  const { passed, failed, skipped, problems, failures } = addUp(tallies);
  console.log('');
  for (const problem of [...failures, ...problems]) console.log(`! ${problem}`);
  if (skipped > 0) console.log(`${skipped} skipped`);
  console.log(`${((performance.now() - started) / 60_000).toFixed(1)} minutes`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
};

main().catch((error: unknown) => {
  const text = error instanceof Refusal ? error.message : error instanceof Error ? error.stack : String(error);
  console.error(text);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
