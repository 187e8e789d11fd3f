import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../lib/folders.ts';
import { problem, tallyReport, type Tally } from './tally.ts';

/** Runs Vitest on the screen and counts by its own report. */
export const runVitest = (
  args: readonly string[],
  reportFile: string,
  environment: NodeJS.ProcessEnv,
): Promise<Tally> =>
  new Promise((resolve) => {
    const program = join(projectFolder, 'node_modules', '.bin', 'vitest');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
    const child = spawn(program, ['run', ...args, ...reporters], {
      cwd: projectFolder,
      env: environment,
      stdio: 'inherit',
    });
    child.once('error', (error) => resolve(problem(`Vitest did not start: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (!existsSync(reportFile))
        return resolve(problem(`Vitest ended without a report (${signal ?? `exit code ${code}`}).`));
      resolve(tallyReport(JSON.parse(readFileSync(reportFile, 'utf8')), code ?? 1));
    });
  });
