import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Refusal } from '../lib/refusal.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const macOs = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** The browser that is there; on a Debian whose root we are, it is installed. */
export const findOrInstallChromium = async (
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<string> => {
  const found = findChromium(environment);
  if (found) return found;
  if (process.getuid?.() === 0 && onPath('apt-get', environment)) {
    say('· Installing Chromium with apt-get (about a minute) …');
    await aptGet(['update'], environment);
    await aptGet(['install', '--yes', '--no-install-recommends', 'chromium'], environment);
    const installed = findChromium(environment);
    if (installed) return installed;
  }
  throw new Refusal(
    'The tests in a browser need Chromium or Chrome. Install one (Debian: sudo apt-get install chromium), or set EVERWAVE_CHROMIUM to its program.',
  );
};

export const findChromium = (environment: NodeJS.ProcessEnv): string | null => {
  const given = environment['EVERWAVE_CHROMIUM'];
  if (given) return given;
  for (const name of names) {
    const found = onPath(name, environment);
    if (found) return found;
  }
  return isExecutable(macOs) ? macOs : null;
};

const aptGet = async (args: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> => {
  try {
    await promisify(execFile)('apt-get', [...args], {
      env: { ...environment, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 64 * 1024 ** 2,
    });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1);
    throw new Refusal(`apt-get ${args[0]} failed${said ? `: ${said}` : '.'}`, { cause: error });
  }
};

const onPath = (name: string, environment: NodeJS.ProcessEnv): string | null =>
  (environment['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isExecutable) ?? null;

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
