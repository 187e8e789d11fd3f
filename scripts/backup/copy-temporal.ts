import { closeSync, openSync, rmSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { Refusal } from '../lib/refusal.ts';
import { explainWriteError } from './archive.ts';

const busyMilliseconds = 30_000;

/** All pages in one step, which sees one moment. */
const everyPage = 2 ** 30;

/** Copies the file of the Temporal dev server as it is at one moment, also while the server writes to it. Only its owner may read it. */
export const copyTemporalFile = async (from: string, to: string): Promise<void> => {
  rmSync(to, { force: true });
  const source = new DatabaseSync(from, { timeout: busyMilliseconds });
  try {
    closeSync(openSync(to, 'wx', 0o600));
    await backup(source, to, { rate: everyPage });
  } catch (error) {
    rmSync(to, { force: true });
    throw explain(error, from, to);
  } finally {
    source.close();
  }
};

const full = 13;

const explain = (error: unknown, from: string, to: string): unknown => {
  const { errcode, code, message } = error as { errcode?: number; code?: string; message?: string };
  if (errcode === full) return explainWriteError(Object.assign(new Error(message), { code: 'ENOSPC' }), to);
  if (code !== undefined && errcode === undefined) return explainWriteError(error, to);
  return new Refusal(`Temporal's file ${from} cannot be copied: ${message}.`, { cause: error });
};

/** Whether the file is a database that SQLite finds whole. */
export const isWholeTemporalFile = (file: string): boolean => {
  const database = new DatabaseSync(file, { enableDoubleQuotedStringLiterals: true });
  try {
    return database.prepare('pragma quick_check(1)').get()?.['quick_check'] === 'ok';
  } finally {
    database.close();
  }
};
