import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectFolder } from '../lib/folders.ts';
import { problem, type Tally } from './tally.ts';

/** Runs `pnpm check` on the screen; each check counts as one test. */
export const runChecks = (environment: NodeJS.ProcessEnv): Promise<Tally> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [join(projectFolder, 'scripts', 'check.ts')], {
      cwd: projectFolder,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
      process.stdout.write(chunk);
    });
    child.once('error', (error) => resolve(problem(`The checks did not start: ${error.message}`)));
    child.once('close', (code) => resolve(tallyChecks(shown, code ?? 1)));
  });

/** Reads the marks of the check's own lines. */
export const tallyChecks = (shown: string, exitCode: number): Tally => {
  const passed = [...shown.matchAll(/^✓ .* \([\d.]+ s\)$/gm)].length;
  const broken = [...shown.matchAll(/^✗ (.*) \([\d.]+ s\)$/gm)].map(([, title]) => `check: ${title}`);
  if (passed + broken.length === 0) return problem('The checks checked nothing.');
  if (exitCode !== 0 && broken.length === 0) return problem(`The checks ended with exit code ${exitCode}.`);
  return { passed, failed: broken.length, skipped: 0, problems: broken, failures: [] };
};
