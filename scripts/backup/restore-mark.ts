import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { findPostgresFolder } from '../lib/postgres-folder.ts';
import { filesOf } from './installation.ts';

const markSchema = z.strictObject({
  at: z.string(),
  file: z.string(),
  /** What the restore makes, after it has moved aside what was there. */
  makes: z.array(z.enum(['database', 'temporal', 'access', 'key'])),
});
type Mark = z.infer<typeof markSchema>;

/** What of a data folder a restore replaces. */
export type Part = Mark['makes'][number];

/** Where a part lies, or may lie. */
export const pathsOf = (dataFolder: string, part: Part): string[] => {
  const { temporal, access, secretKey } = filesOf(dataFolder);
  switch (part) {
    case 'database':
      return [findPostgresFolder(dataFolder)].filter((path) => path !== null);
    case 'temporal':
      return [temporal, `${temporal}-wal`, `${temporal}-shm`];
    case 'access':
      return [access];
    case 'key':
      return [secretKey];
  }
};

/** Marks the data folder as not whole. What is named may be removed by the next try, and nothing else. */
export const writeMark = (dataFolder: string, file: string, makes: readonly Part[]): void => {
  const mark: Mark = { at: new Date().toISOString(), file, makes: [...makes] };
  writeFileSync(filesOf(dataFolder).restoring, `${JSON.stringify(mark)}\n`);
};

/** What an interrupted restore has made. Empty without one, and where its mark cannot be read. */
export const readMark = (dataFolder: string): readonly Part[] => {
  const { restoring } = filesOf(dataFolder);
  if (!existsSync(restoring)) return [];
  try {
    return markSchema.parse(JSON.parse(readFileSync(restoring, 'utf8'))).makes;
  } catch {
    return [];
  }
};
