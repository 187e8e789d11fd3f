import { linkSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processStart } from '../lib/process-identity.ts';
import { Refusal } from '../lib/refusal.ts';

interface Holder {
  readonly pid: number;
  readonly started: string | null;
}

/** Takes the data folder for this process alone. Returns the release. A holder that was killed does not count. */
export const lockDataFolder = (dataFolder: string): (() => void) => {
  const file = join(dataFolder, 'lock');
  const mine = `${file}.${process.pid}`;
  const me: Holder = { pid: process.pid, started: processStart(process.pid) };
  writeFileSync(mine, JSON.stringify(me));
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (tryLink(mine, file)) return () => release(file);
      const holder = readHolder(file);
      if (holder && processStart(holder.pid) === holder.started) throw taken(dataFolder, holder.pid);
      rmSync(file, { force: true });
    }
    throw taken(dataFolder, readHolder(file)?.pid ?? null);
  } finally {
    rmSync(mine, { force: true });
  }
};

/** Whether a living process holds the folder. */
export const findLockHolder = (dataFolder: string): number | null => {
  const holder = readHolder(join(dataFolder, 'lock'));
  return holder && processStart(holder.pid) === holder.started ? holder.pid : null;
};

const taken = (dataFolder: string, pid: number | null): Refusal =>
  new Refusal(
    `Everwave already runs on the data folder ${dataFolder}${pid === null ? '' : ` (process ${pid})`}. Stop it first, or set EVERWAVE_DATA to another folder.`,
  );

/** A hard link is the one way to create a file with its content that fails when the name is taken. */
const tryLink = (from: string, to: string): boolean => {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

const readHolder = (file: string): Holder | null => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
};

const release = (file: string): void => {
  if (readHolder(file)?.pid !== process.pid) return;
  try {
    unlinkSync(file);
  } catch {
    // Someone removed the folder while we ran; there is nothing left to release.
  }
};
