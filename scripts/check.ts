import { checks } from './check/checks.ts';
import { runCommand } from './check/run-command.ts';

/** Format, lint, types, import direction, dead code, licences. Each fails when it has read nothing. Exit code 1 on any failure. */
const main = async (): Promise<void> => {
  let failed = 0;
  for (const { title, run } of checks) {
    const started = performance.now();
    const problem = await run(runCommand).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${problem === null ? '✓' : '✗'} ${title} (${seconds} s)`);
    if (problem === null) continue;
    failed += 1;
    console.log(`\n${shorten(problem.trim())}\n`);
  }
  console.log(failed === 0 ? `\n${checks.length} checks passed` : `\n${failed} of ${checks.length} checks failed`);
  process.exitCode = failed === 0 ? 0 : 1;
};

/** The beginning of a long list tells what is wrong; the tool itself tells the rest. */
const shorten = (text: string): string => {
  const lines = text.split('\n');
  const shown = lines.slice(0, 150);
  return lines.length > shown.length ? `${shown.join('\n')}\n… ${lines.length - shown.length} more lines` : text;
};

await main();
