import { createWriteStream, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { knownMigrations, migrate } from '@everwave/schema/db';
import { startEmbeddedPostgres } from '../lib/embedded-postgres.ts';
import { Refusal } from '../lib/refusal.ts';
import { openDataFolder } from '../supervisor/data-folder.ts';
import type { Settings } from '../supervisor/env.ts';
import { lockDataFolder } from '../supervisor/lock.ts';
import { type Archive, openArchive } from './archive.ts';
import type { Contents } from './archive-contents.ts';
import { checkDatabase, checkFolder, moveDatabaseAside, moveFolderAside } from './check-target.ts';
import { isWholeTemporalFile } from './copy-temporal.ts';
import { finishDatabase } from './finish-database.ts';
import { embeddedDatabase, filesOf } from './installation.ts';
import { loadDatabase } from './load-database.ts';
import { type Part, pathsOf, readMark, writeMark } from './restore-mark.ts';
import { type KeyTexts, neededKeys, readKeyTexts } from './secret-keys.ts';

export interface RestoreOptions {
  readonly file: string;
  /** Called when the file is encrypted. */
  readonly askPassphrase: () => Promise<string>;
  /** False: a file that is not encrypted is refused, for anyone who can write to its folder could have made it. */
  readonly mayBeOpen: boolean;
  /** Replaces an installation; what was there is kept aside. */
  readonly force: boolean;
  /** Nothing has run since the backup was made: open runs go on without doubt about what they have done. */
  readonly nothingRanSince: boolean;
  readonly say: (line: string) => void;
}

export interface RestoreReport {
  readonly takenAt: string;
  readonly release: string;
  readonly rows: number;
  /** Where what was there before is kept; null when there was nothing. */
  readonly replaced: string | null;
  /** False: open runs begin again in the Temporal that is set up, and skip what the ledger knows as done. */
  readonly restoredTemporal: boolean;
}

/** Brings an installation back from a file. Reads the whole file once before it changes anything. */
export const restoreBackup = async (settings: Settings, options: RestoreOptions): Promise<RestoreReport> => {
  const { file, force, say } = options;
  const archive = await openArchive(file, options.askPassphrase);
  if (!archive.header.sealed && !options.mayBeOpen) throw isOpen(file);
  say(`Checking ${file}, made at ${archive.header.takenAt}`);
  const checked = await checkArchive(archive, file);
  const keys = chooseKeys(settings, checked.contents);
  const { dataFolder, databaseUrl } = settings;
  const mark = new Date().toISOString().slice(0, 19).replaceAll(':', '-');

  openDataFolder(dataFolder, { forRestore: true });
  const unlock = lockDataFolder(dataFolder);
  try {
    checkSpace(dataFolder, checked.bytes);
    const parts = partsOf(settings, keys);
    checkFolder(dataFolder, parts, force);
    if (databaseUrl !== null) await checkDatabase(databaseUrl, force);
    const replaced = clearFolder(dataFolder, { file, parts, mark });
    const work: Work = { settings, options, archive, keys, contents: checked.contents };
    const { rows, replacedSchemas } = await (databaseUrl === null
      ? intoEmbedded(work)
      : intoOutside(work, databaseUrl, { mark, putBack: replaced.undo }));
    const restoredTemporal = placeFiles(work);
    rmSync(filesOf(dataFolder).restoring);
    const { takenAt, release } = archive.header;
    const kept = [...replaced.names, ...replacedSchemas];
    return { takenAt, release, rows, replaced: kept.length === 0 ? null : kept.join(', '), restoredTemporal };
  } catch (error) {
    throw explainRestoreError(error, dataFolder);
  } finally {
    unlock();
  }
};

/** Reads everything and keeps nothing: a file that is not whole is found before anything is changed. */
const checkArchive = async (archive: Archive, file: string): Promise<{ contents: Contents; bytes: number }> => {
  let contents: Contents | null = null;
  let bytes = 0;
  await archive.read({
    onContents: (found) => {
      contents = found;
      checkMigrations(found, file, archive.header.release);
    },
    onEntry: async (_entry, content) => {
      for await (const chunk of content) bytes += chunk.length;
    },
  });
  if (!contents) throw new Error('An archive without contents was read to its end.');
  return { contents, bytes };
};

const checkMigrations = ({ migrations }: Contents, file: string, release: string): void => {
  const known = knownMigrations();
  if (migrations.length > known.length) {
    throw new Refusal(
      `${file} was made by a newer Everwave (${release}, ${migrations.length} migrations; this release knows ${known.length}). Restore it with that release.`,
    );
  }
  if (migrations.every(({ hash }, index) => hash === known[index]?.hash)) return;
  throw new Refusal(
    `The database in ${file} was made by a build (${release}) whose migrations this release does not share. Restore it with that build.`,
  );
};

interface Keys {
  /** Opens the data; the first one wraps it from now on. */
  readonly all: KeyTexts;
  /** Goes into the data folder's key file; null when the machine has its key. */
  readonly write: string | null;
}

/** The machine's own key wins: data keys are wrapped anew with it. Else the backup's key becomes the machine's. */
const chooseKeys = (settings: Settings, { masterKeyIds, secretKeys }: Contents): Keys => {
  const bringsKey = secretKeys.length > 0 && !settings.hasOwnSecretKey;
  const all = bringsKey ? secretKeys : [...readKeyTexts(settings), ...secretKeys];
  const needed = neededKeys(all, masterKeyIds);
  return { all: needed, write: bringsKey ? (needed[0] ?? null) : null };
};

const checkSpace = (dataFolder: string, bytes: number): void => {
  const { bavail, bsize } = statfsSync(dataFolder);
  const needed = bytes * 3 + 100 * 1024 ** 2;
  if (bavail * bsize >= needed) return;
  throw new Refusal(
    `The disk that holds ${dataFolder} has ${toMegabytes(bavail * bsize)} MB left, and this backup needs about ${toMegabytes(needed)} MB. Free some space, or set EVERWAVE_DATA to another disk.`,
  );
};

const toMegabytes = (bytes: number): number => Math.ceil(bytes / 1024 ** 2);

const partsOf = ({ databaseUrl }: Settings, { write }: Keys): readonly Part[] => [
  ...(databaseUrl === null ? (['database'] as const) : []),
  'temporal',
  'access',
  ...(write === null ? [] : (['key'] as const)),
];

/** What an interrupted restore has made is removed; anything else is moved aside, with the folder marked from the start. */
const clearFolder = (
  dataFolder: string,
  { file, parts, mark }: { readonly file: string; readonly parts: readonly Part[]; readonly mark: string },
) => {
  for (const path of readMark(dataFolder).flatMap((part) => pathsOf(dataFolder, part))) {
    rmSync(path, { recursive: true, force: true });
  }
  writeMark(dataFolder, file, []);
  const aside = moveFolderAside(
    parts.flatMap((part) => pathsOf(dataFolder, part)),
    mark,
  );
  writeMark(dataFolder, file, parts);
  return aside;
};

interface Work {
  readonly settings: Settings;
  readonly options: RestoreOptions;
  readonly archive: Archive;
  readonly keys: Keys;
  readonly contents: Contents;
}

interface Loaded {
  readonly rows: number;
  readonly replacedSchemas: readonly string[];
}

const intoEmbedded = async (work: Work): Promise<Loaded> => {
  const { dataFolder } = work.settings;
  const server = await startEmbeddedPostgres({ dataFolder, port: 0, database: embeddedDatabase });
  try {
    return { rows: await fill(work, server.url), replacedSchemas: [] };
  } finally {
    await server.stop();
  }
};

/** A restore that fails gives the database and the data folder back as they were. */
const intoOutside = async (
  work: Work,
  url: string,
  { mark, putBack }: { readonly mark: string; readonly putBack: () => void },
): Promise<Loaded> => {
  const aside = await moveDatabaseAside(url, mark);
  try {
    return { rows: await fill(work, url), replacedSchemas: aside.names };
  } catch (error) {
    const { dataFolder } = work.settings;
    await aside.undo();
    for (const name of ['temporal.db', 'cli.json'] as const) rmSync(staged(dataFolder, name), { force: true });
    putBack();
    rmSync(filesOf(dataFolder).restoring, { force: true });
    throw error;
  }
};

/** Rows go in as the release of the backup had them; its later migrations follow. */
const fill = async ({ settings, options, archive, keys, contents }: Work, url: string): Promise<number> => {
  const { dataFolder } = settings;
  let rows = 0;
  await migrate(url, { upTo: contents.migrations.length });
  await loadDatabase(url, ({ load, checkRows }) =>
    archive.read({
      onContents: () => options.say('Restoring the database'),
      onEntry: (entry, content) =>
        entry.kind === 'table'
          ? load(entry, content)
          : pipeline(content, createWriteStream(staged(dataFolder, entry.name), { mode: 0o600 })),
      onClosed: async (entry, closing) => {
        if (entry.kind !== 'table') return;
        rows += closing.lines;
        await checkRows(entry, closing);
      },
    }),
  );
  await migrate(url);
  const { takenAt, release } = archive.header;
  await finishDatabase(url, keys.all, { takenAt, release, leavesDoubt: !options.nothingRanSince });
  return rows;
};

const staged = (dataFolder: string, name: 'temporal.db' | 'cli.json'): string => {
  const { temporal, access } = filesOf(dataFolder);
  return `${name === 'cli.json' ? access : temporal}.restored`;
};

/** Puts the files in place, the key last. Returns whether Temporal's was among them. */
const placeFiles = ({ settings, contents, keys }: Work): boolean => {
  const { dataFolder } = settings;
  const { temporal, access, secretKey } = filesOf(dataFolder);
  const holds = (name: string) => contents.entries.some((entry) => entry.name === name);
  if (holds('cli.json')) renameSync(staged(dataFolder, 'cli.json'), access);
  const copy = staged(dataFolder, 'temporal.db');
  const restoresTemporal = holds('temporal.db') && settings.temporal === null;
  if (restoresTemporal) {
    if (!isWholeTemporalFile(copy))
      throw new Refusal("Temporal's file in this backup is not whole. Take another backup.");
    renameSync(copy, temporal);
  } else rmSync(copy, { force: true });
  if (keys.write !== null) writeFileSync(secretKey, `${keys.write}\n`, { mode: 0o600 });
  return restoresTemporal;
};

const isOpen = (file: string): Refusal =>
  new Refusal(
    `${file} is not encrypted, although a passphrase is set: it is not a backup that was made with it. If you know who made it, give --not-encrypted.`,
  );

const diskFull = '53100';

const explainRestoreError = (error: unknown, dataFolder: string): unknown => {
  const { code } = error as { code?: string };
  if (code === diskFull || code === 'ENOSPC') {
    return new Refusal(
      `There is no space left to restore into ${dataFolder}. Free some space and run the restore again: it begins anew.`,
      { cause: error },
    );
  }
  return error;
};
