import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFolder } from '../lib/folders.ts';
import { Refusal } from '../lib/refusal.ts';

const webFolder = join(projectFolder, 'web');
const stampFile = join(webFolder, 'build', '.everwave-sources');
const skipped = new Set(['node_modules', 'build', '.react-router', 'tests', 'screenshots']);

/** Whether the built web was made from these sources. */
export const isWebBuilt = (): boolean => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === digestSources();

/** Builds the web, unless nothing it is made from has changed. */
export const buildWeb = async (environment: NodeJS.ProcessEnv): Promise<void> => {
  const sources = digestSources();
  const program = join(webFolder, 'node_modules', '.bin', 'react-router');
  try {
    await promisify(execFile)(program, ['build'], {
      cwd: webFolder,
      env: { ...environment, NODE_ENV: 'production' },
      maxBuffer: 64 * 1024 ** 2,
    });
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new Refusal(`The web could not be built: ${stderr.trim() || message}`, { cause: error });
  }
  writeFileSync(stampFile, sources);
};

/** A digest of everything the build reads: the web, the schema it imports, and the versions of the libraries. */
const digestSources = (): string => {
  const digest = createHash('sha256');
  const files = [
    ...filesBelow(webFolder),
    ...filesBelow(join(projectFolder, 'schema', 'src')),
    join(projectFolder, 'pnpm-lock.yaml'),
  ];
  for (const file of files) digest.update(`\0${file.slice(projectFolder.length)}\0`).update(readFileSync(file));
  return digest.digest('hex');
};

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .filter((entry) => !skipped.has(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isFile() ? [path] : [];
    });
