import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { parse } from 'yaml';
import { UsageError } from './command.ts';

/** A JSON or YAML file, by its ending. Throws with the place of what cannot be read. */
export const readDocument = async (file: string): Promise<unknown> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} cannot be read (${error.code}).`, { cause: error });
  });
  try {
    return ['.yaml', '.yml'].includes(extname(file)) ? (parse(text) as unknown) : (JSON.parse(text) as unknown);
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
};
