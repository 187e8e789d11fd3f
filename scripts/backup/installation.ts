import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRunningPostgres, startEmbeddedPostgres } from '../lib/embedded-postgres.ts';
import { projectFolder } from '../lib/folders.ts';
import { findPostgresFolder } from '../lib/postgres-folder.ts';
import { Refusal } from '../lib/refusal.ts';
import { restoringMark } from '../supervisor/data-folder.ts';
import type { Settings } from '../supervisor/env.ts';
import { findLockHolder, lockDataFolder } from '../supervisor/lock.ts';

/** This release, as package.json names it. */
export const release = (): string =>
  (JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { version: string }).version;

/** Name of our database inside the embedded Postgres. */
export const embeddedDatabase = 'everwave';

/** Everything of the data folder that belongs to the data, beside the database files. */
export const filesOf = (dataFolder: string) => ({
  temporal: join(dataFolder, 'temporal.db'),
  secretKey: join(dataFolder, 'secret-key'),
  access: join(dataFolder, 'cli.json'),
  restoring: restoringMark(dataFolder),
});

/**
 * Calls `work` with the address of the installation's database, as its owner. An embedded Postgres that does not run is
 * started for it, with the data folder locked.
 */
export const withDatabase = async <T>(settings: Settings, work: (url: string) => Promise<T>): Promise<T> => {
  const { databaseUrl, dataFolder } = settings;
  if (databaseUrl !== null) return work(databaseUrl);
  if (existsSync(restoringMark(dataFolder))) {
    throw new Refusal(`A restore into ${dataFolder} did not come to its end. Run everwave restore again first.`);
  }
  if (findPostgresFolder(dataFolder) === null) {
    throw new Refusal(
      `There is no installation in ${dataFolder}. Set EVERWAVE_DATA to its data folder, or DATABASE_URL to its database.`,
    );
  }
  const running = await findRunning(dataFolder);
  if (running !== null) return work(running);

  const unlock = lockDataFolder(dataFolder);
  try {
    const server = await startEmbeddedPostgres({ dataFolder, port: 0, database: embeddedDatabase });
    try {
      return await work(server.url);
    } finally {
      await server.stop();
    }
  } finally {
    unlock();
  }
};

/** A supervisor that is just starting, or whose Postgres is being restarted, has one in a moment. */
const findRunning = async (dataFolder: string): Promise<string | null> => {
  for (let tries = 0; ; tries += 1) {
    const url = findRunningPostgres(dataFolder, embeddedDatabase);
    if (url !== null || findLockHolder(dataFolder) === null) return url;
    if (tries > 100) throw new Refusal(`Everwave runs on ${dataFolder}, but its Postgres does not come up.`);
    await sleep(200);
  }
};

/** The file of the Temporal dev server, where this installation has one. */
export const temporalFileOf = ({ temporal, dataFolder }: Settings): string | null => {
  const { temporal: file } = filesOf(dataFolder);
  return temporal === null && existsSync(file) ? file : null;
};
