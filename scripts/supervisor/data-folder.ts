import { accessSync, constants, existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Refusal } from '../lib/refusal.ts';

/** Rises when a release changes the layout of the data folder so that an earlier one must not touch it. */
export const dataVersion = 1;

/** What a first start writes, with room to work: database files, logs, the built web. */
export const neededBytes = 1024 ** 3;

/** Makes the folder if need be and checks that this release may use it. A restore may use what an earlier one left. */
export const openDataFolder = (
  folder: string,
  { forRestore = false }: { readonly forRestore?: boolean } = {},
): void => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new Refusal(
      `The data folder ${folder} cannot be written (${(error as Error).message}). Set EVERWAVE_DATA to another folder, or correct its owner.`,
      { cause: error },
    );
  }
  if (!forRestore && existsSync(restoringMark(folder))) {
    throw new Refusal(
      `A restore into ${folder} did not come to its end, so what is there is not whole. Run everwave restore again: it begins anew.`,
    );
  }
  const found = readDataVersion(folder);
  if (found !== null && found > dataVersion) throw newer(folder, found);
  if (found === null) writeFileSync(join(folder, 'version'), `${dataVersion}\n`);
};

/** Present while a restore is under way: what lies beside it is not whole. */
export const restoringMark = (folder: string): string => join(folder, 'restoring');

/** null: a new folder. */
export const readDataVersion = (folder: string): number | null => {
  const file = join(folder, 'version');
  if (!existsSync(file)) return null;
  const version = Number(readFileSync(file, 'utf8').trim());
  if (Number.isInteger(version) && version > 0) return version;
  throw new Refusal(
    `The file ${file} is damaged: it should hold a version number. Restore it from your backup, or write ${dataVersion}.`,
  );
};

export const newer = (folder: string, found: number): Refusal =>
  new Refusal(
    `The data folder ${folder} was written by a newer Everwave (data version ${found}, this release knows ${dataVersion}). Start the newer release, or set EVERWAVE_DATA to another folder.`,
  );

/** Bytes an ordinary user may still write where the folder is, or will be. */
export const freeBytes = (folder: string): number => {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  return bavail * bsize;
};

export const checkDisk = (folder: string, free: number = freeBytes(folder)): void => {
  if (free >= neededBytes) return;
  throw new Refusal(
    `The disk that holds ${folder} has only ${Math.floor(free / 1024 ** 2)} MB left; Everwave needs ${neededBytes / 1024 ** 2} MB. Free some space, or set EVERWAVE_DATA to another disk.`,
  );
};
