import { existsSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { askPassphrase } from './backup/ask-passphrase.ts';
import { readPassphrase } from './backup/env.ts';
import { makeBackup, removeUnfinished } from './backup/make-backup.ts';
import { backupName, rotate } from './backup/rotate.ts';
import { Refusal } from './lib/refusal.ts';
import { parseSettings, readVariables } from './supervisor/env.ts';

const usage = `Usage: everwave backup <file or folder> [--passphrase-file <file>] [--without-key] [--keep <n>]

Writes database, Temporal's file and the master key into one encrypted file, also while Everwave runs.

  --passphrase-file   its first line is the passphrase; or EVERWAVE_BACKUP_PASSPHRASE, or EVERWAVE_BACKUP_PASSPHRASE_FILE
  --without-key       leaves the master key out. Without a passphrase the file is then not encrypted
  --keep              with a folder: keeps this many of the newest backups there and removes older ones`;

const main = async (): Promise<void> => {
  const { values, positionals } = readArguments();
  if (values.help) return void process.stdout.write(`${usage}\n`);
  const [target, ...more] = positionals;
  if (target === undefined || more.length > 0) throw new Refusal(usage);
  const variables = readVariables(process.env);
  const settings = parseSettings(variables);
  const isFolder = existsSync(target) && statSync(target).isDirectory();
  const keep = values.keep === undefined ? null : toCount(values.keep);
  if (keep !== null && !isFolder) throw new Refusal(`--keep needs a folder, and ${target} is none.`);

  const withKey = !values['without-key'];
  const passphrase = readPassphrase(variables, values['passphrase-file']) ?? (await ask(withKey));
  const file = isFolder ? join(resolve(target), backupName('everwave', new Date())) : resolve(target);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      removeUnfinished(file);
      process.exit(128 + constants.signals[signal]);
    });
  }
  const report = await makeBackup(settings, { file, passphrase, withKey });

  const inside = [
    `${report.tables} tables`,
    report.holdsTemporal ? "Temporal's file" : null,
    report.holdsKey ? 'the master key' : null,
  ].filter((part) => part !== null);
  process.stdout.write(`${file}\n${inside.join(', ')}; ${report.size} bytes; as of ${report.takenAt}\n`);
  if (!report.holdsTemporal) process.stdout.write('Temporal runs elsewhere: its server has backups of its own.\n');
  if (!report.holdsKey) {
    process.stdout.write(
      'The master key is not in it: keep it elsewhere, for without it this backup cannot be read.\n',
    );
  }
  if (passphrase === null) {
    process.stdout.write('It is not encrypted: flows, names, addresses and password hashes can be read in it.\n');
  }
  if (keep !== null) {
    for (const name of rotate(resolve(target), 'everwave', keep)) process.stdout.write(`Removed ${name}\n`);
  }
};

const readArguments = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        keep: { type: 'string' },
        'passphrase-file': { type: 'string' },
        'without-key': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new Refusal(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
};

const toCount = (text: string): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new Refusal(`--keep wants a number of backups, 1 or more; it was given ${text}.`);
};

/** A backup that holds the key is never written in the open. */
const ask = async (withKey: boolean): Promise<string | null> => {
  if (!withKey) return null;
  if (process.stdin.isTTY) return askPassphrase({ input: process.stdin, output: process.stderr }, true);
  throw new Refusal(
    'A backup holds the key to all data, so it is encrypted: give --passphrase-file, or set EVERWAVE_BACKUP_PASSPHRASE. Or leave the key out with --without-key, and keep it elsewhere.',
  );
};

main().catch((error: unknown) => {
  const text = error instanceof Refusal ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
