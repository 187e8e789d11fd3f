import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../lib/folders.ts';
import { findSecrets } from './find-secrets.ts';
import type { RunCommand } from './run-command.ts';

/** Fewer files than this, and git was asked in the wrong place. */
const fewest = 200;

/** Larger ones are recorded data and pictures. */
const largest = 2 * 1024 ** 2;

/** Reads every file that git keeps. null when none holds a secret, else where. */
export const scanForSecrets = async (command: RunCommand): Promise<string | null> => {
  const { code, said } = await command('git', ['ls-files', '-z']);
  if (code !== 0) return said;
  const files = said.split('\0').filter((file) => file !== '' && isReadable(file));
  if (files.length < fewest) return `git knows ${files.length} files only, so finding nothing in them means nothing.`;
  const found = files.flatMap((file) =>
    findSecrets(readFileSync(join(projectFolder, file), 'utf8')).map(({ line, what }) => `${file}:${line}: ${what}`),
  );
  if (found.length === 0) return null;
  return `${found.join('\n')}\nTake it out, and withdraw it where it was issued: it stays in the history.`;
};

const isReadable = (file: string): boolean => {
  const stat = statSync(join(projectFolder, file), { throwIfNoEntry: false });
  return stat !== undefined && stat.isFile() && stat.size <= largest;
};
