import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** `everwave`: made by a person or a timer. `before-upgrade`: made by a start that migrated the database. */
export type BackupKind = 'everwave' | 'before-upgrade';

/** `everwave-2026-11-21T03-15-00Z.backup`: sorts by age. */
export const backupName = (kind: BackupKind, takenAt: Date): string =>
  `${kind}-${takenAt.toISOString().slice(0, 19).replaceAll(':', '-')}Z.backup`;

/** Removes all but the newest backups that `backupName` named so. Returns the names of those removed. */
export const rotate = (folder: string, kind: BackupKind, keep: number): string[] => {
  const pattern = new RegExp(String.raw`^${kind}-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.backup$`);
  const old = readdirSync(folder)
    .filter((name) => pattern.test(name))
    .toSorted()
    .toReversed()
    .slice(keep);
  for (const name of old) rmSync(join(folder, name));
  return old;
};
