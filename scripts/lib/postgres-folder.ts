import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { canEnter, type SystemAccount } from './system-account.ts';
import { Refusal } from './refusal.ts';

export interface PostgresFolder {
  /** Postgres's own files. */
  readonly database: string;
  /** A folder beside them that the account can enter. */
  readonly state: string;
}

/** Where a root user's state goes when the data folder lies in a place only root may enter. */
const systemState = '/var/lib/everwave';

/**
 * Chooses where Postgres keeps its files: below the data folder when its account can enter there, else in a state folder of
 * the system. The choice is written into the data folder, so that a later change of rights cannot make data seem lost.
 */
export const choosePostgresFolder = (
  dataFolder: string,
  account: SystemAccount | null,
  say: (message: string) => void,
  elsewhere: string = systemState,
): PostgresFolder => {
  const inside = join(resolve(dataFolder), 'postgres');
  if (!account) return { database: inside, state: resolve(dataFolder) };

  const note = join(dataFolder, 'postgres-folder');
  if (existsSync(note)) return inState(readFileSync(note, 'utf8').trim());

  letThrough(dataFolder, account);
  if (canEnter(account, dataFolder)) return { database: inside, state: resolve(dataFolder) };

  const name = createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 12);
  const state = join(elsewhere, name);
  mkdirSync(state, { recursive: true, mode: 0o755 });
  letThrough(state, account);
  if (!canEnter(account, state)) {
    throw new Refusal(
      `Postgres runs as the user ${account.name}, who can enter neither ${dataFolder} nor ${state}. Set EVERWAVE_DATA to a folder that user can enter.`,
    );
  }
  writeFileSync(note, `${state}\n`);
  say(`The user ${account.name} cannot enter ${dataFolder}, so Postgres keeps its files in ${state}`);
  return inState(state);
};

/** Where an installation keeps its database files; null when it has none. Chooses and changes nothing. */
export const findPostgresFolder = (dataFolder: string): string | null => {
  const note = join(dataFolder, 'postgres-folder');
  const state = existsSync(note) ? readFileSync(note, 'utf8').trim() : resolve(dataFolder);
  const { database } = inState(state);
  return existsSync(join(database, 'PG_VERSION')) ? database : null;
};

const inState = (state: string): PostgresFolder => ({ database: join(state, 'postgres'), state });

/** The folder stays closed to everyone but its owner and the group of Postgres's account, which may look but not write. */
const letThrough = (folder: string, account: SystemAccount): void => {
  chownSync(folder, statSync(folder).uid, account.gid);
  chmodSync(folder, 0o750);
};
