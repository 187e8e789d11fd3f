import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { Refusal } from '../lib/refusal.ts';

const text = z.preprocess((value) => (value === '' ? undefined : value), z.string().optional());
const variablesSchema = z.object({ EVERWAVE_BACKUP_PASSPHRASE: text, EVERWAVE_BACKUP_PASSPHRASE_FILE: text });

/** The passphrase that the option or the environment names, in this order; null when none does. */
export const readPassphrase = (variables: NodeJS.ProcessEnv, fileOption: string | undefined): string | null => {
  const values = variablesSchema.parse(variables);
  if (fileOption !== undefined) return fromFile(fileOption, '--passphrase-file');
  if (values.EVERWAVE_BACKUP_PASSPHRASE !== undefined) return values.EVERWAVE_BACKUP_PASSPHRASE;
  const file = values.EVERWAVE_BACKUP_PASSPHRASE_FILE;
  return file === undefined ? null : fromFile(file, 'EVERWAVE_BACKUP_PASSPHRASE_FILE');
};

const fromFile = (file: string, source: string): string => {
  try {
    const [line = ''] = readFileSync(file, 'utf8').split(/\r?\n/);
    if (line !== '') return line;
  } catch (error) {
    throw new Refusal(
      `The file ${file} that ${source} names cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      {
        cause: error,
      },
    );
  }
  throw new Refusal(`The file ${file} that ${source} names is empty. Write the passphrase into its first line.`);
};
