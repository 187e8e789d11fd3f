import { createReadStream, existsSync, rmSync } from 'node:fs';
import { Refusal } from '../lib/refusal.ts';
import type { Settings } from '../supervisor/env.ts';
import { partialOf, writeArchive } from './archive.ts';
import type { Entry } from './archive-contents.ts';
import { copyTemporalFile } from './copy-temporal.ts';
import { withSnapshot } from './dump-database.ts';
import { filesOf, release, temporalFileOf, withDatabase } from './installation.ts';
import { neededKeys, readKeyTexts } from './secret-keys.ts';

export interface BackupOptions {
  /** Must not exist yet. */
  readonly file: string;
  /** null: not encrypted. */
  readonly passphrase: string | null;
  /** False leaves the master key out, and the key of this machine's CLI. */
  readonly withKey: boolean;
}

export interface BackupReport {
  readonly takenAt: string;
  /** Bytes of the file. */
  readonly size: number;
  readonly tables: number;
  /** False when Temporal runs elsewhere: its state is not in this file. */
  readonly holdsTemporal: boolean;
  readonly holdsKey: boolean;
}

const temporalCopyOf = (file: string): string => `${file}.temporal`;

/** Removes what a backup that is stopped half-way has written beside its file. */
export const removeUnfinished = (file: string): void => {
  const copy = temporalCopyOf(file);
  for (const path of [partialOf(file), copy, `${copy}-journal`]) rmSync(path, { force: true });
};

/**
 * Writes an installation into one file, also while it runs. Temporal's file is copied before the database's snapshot is
 * taken, so that the effect ledger knows at least what the histories know: what ran in between is asked again, not done again.
 */
export const makeBackup = async (settings: Settings, options: BackupOptions): Promise<BackupReport> => {
  const { file, passphrase, withKey } = options;
  if (existsSync(file)) throw new Refusal(`${file} exists already. Name another file, or a folder.`);
  return withDatabase(settings, async (url) => {
    const temporalFile = temporalFileOf(settings);
    const temporalCopy = temporalCopyOf(file);
    try {
      if (temporalFile) await copyTemporalFile(temporalFile, temporalCopy);
      return await withSnapshot(url, async ({ takenAt, migrations, masterKeyIds, tables, read }) => {
        const keys = neededKeys(readKeyTexts(settings), masterKeyIds);
        const { access } = filesOf(settings.dataFolder);
        const entries: Entry[] = [
          ...tables,
          ...(temporalFile ? [{ kind: 'file', name: 'temporal.db' } as const] : []),
          ...(withKey && existsSync(access) ? [{ kind: 'file', name: 'cli.json' } as const] : []),
        ];
        const size = await writeArchive({
          file,
          passphrase,
          header: { release: release(), schemaVersion: migrations.length, takenAt },
          contents: { migrations, masterKeyIds: [...masterKeyIds], secretKeys: withKey ? [...keys] : [], entries },
          open: (entry) =>
            entry.kind === 'table' ? read(entry) : createReadStream(entry.name === 'cli.json' ? access : temporalCopy),
        });
        const holdsTemporal = temporalFile !== null;
        return { takenAt, size, tables: tables.length, holdsTemporal, holdsKey: withKey && keys.length > 0 };
      });
    } finally {
      rmSync(temporalCopy, { force: true });
    }
  });
};
