import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const pattern = /^everwave-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.backup$/;

/** `everwave-2026-11-21T03-15-00Z.backup`: sorts by age. */
export const backupName = (takenAt: Date): string =>
  `everwave-${takenAt.toISOString().slice(0, 19).replaceAll(':', '-')}Z.backup`;

/** Removes all but the newest backups that `backupName` named. Returns the names of those removed. */
export const rotate = (folder: string, keep: number): string[] => {
  const old = readdirSync(folder)
    .filter((name) => pattern.test(name))
    .toSorted()
    .toReversed()
    .slice(keep);
  for (const name of old) rmSync(join(folder, name));
  return old;
};
