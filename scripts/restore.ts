import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { askPassphrase } from './backup/ask-passphrase.ts';
import { readPassphrase } from './backup/env.ts';
import { checkDatabase } from './backup/check-target.ts';
import { noteRestore } from './backup/finish-database.ts';
import { release, withDatabase } from './backup/installation.ts';
import { restoreBackup } from './backup/restore-backup.ts';
import { Refusal } from './lib/refusal.ts';
import { parseSettings, readVariables } from './supervisor/env.ts';

const usage = `Usage: everwave restore <file> [--passphrase-file <file>] [--force] [--nothing-ran-since] [--not-encrypted]
       everwave restore --mark <moment>

Brings an installation back from a backup, into an empty data folder or an empty database. Everwave must not be running.

  --passphrase-file     its first line is the passphrase; or EVERWAVE_BACKUP_PASSPHRASE, or EVERWAVE_BACKUP_PASSPHRASE_FILE
  --not-encrypted       takes a backup that is not encrypted also where a passphrase is set
  --force               replaces an installation; what was there is kept aside
  --nothing-ran-since   for a move: Everwave was stopped before the backup was made, so no effect is in doubt
  --mark                for a database that other tools have set back to a moment, such as 2026-11-21T10:15:00Z: notes it,
                        so that effects of the lost time are asked about instead of repeated`;

const main = async (): Promise<void> => {
  const { values, positionals } = readArguments();
  if (values.help) return void process.stdout.write(`${usage}\n`);
  if (values.mark !== undefined) return mark(values.mark);
  const [target, ...more] = positionals;
  if (target === undefined || more.length > 0) throw new Refusal(usage);
  const variables = readVariables(process.env);
  const nothingRanSince = values['nothing-ran-since'] ?? false;
  const passphrase = readPassphrase(variables, values['passphrase-file']);
  const started = performance.now();
  const report = await restoreBackup(parseSettings(variables), {
    file: resolve(target),
    askPassphrase: async () => passphrase ?? (await ask()),
    mayBeOpen: passphrase === null || (values['not-encrypted'] ?? false),
    force: values.force ?? false,
    nothingRanSince,
    say: (line) => void process.stdout.write(`${line} …\n`),
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const lines = [
    `Restored ${report.rows} rows as of ${report.takenAt}, in ${seconds} s.`,
    report.replaced && `What was there before is kept in ${report.replaced}`,
    !report.restoredTemporal &&
      "Temporal's state was not restored: open runs that it does not know begin again and skip what the ledger knows as done.",
    !nothingRanSince &&
      'What was done after the backup is not on record: an effect that may have taken place already is asked about, and where nobody can be asked the run waits for a person.',
    'Start Everwave now.',
  ].filter(Boolean);
  process.stdout.write(`${lines.join('\n')}\n`);
};

const mark = async (text: string): Promise<void> => {
  const takenAt = new Date(text);
  if (Number.isNaN(takenAt.getTime()) || takenAt > new Date()) {
    throw new Refusal(`--mark wants a moment of the past, such as 2026-11-21T10:15:00Z; it was given ${text}.`);
  }
  await withDatabase(parseSettings(readVariables(process.env)), async (url) => {
    await checkDatabase(url, true);
    await noteRestore(url, { takenAt: takenAt.toISOString(), release: release(), leavesDoubt: true });
  });
  process.stdout.write(
    `Noted: the database is as of ${takenAt.toISOString()}. Effects of older runs are asked about before they are repeated.\n`,
  );
};

const readArguments = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        force: { type: 'boolean' },
        mark: { type: 'string' },
        'not-encrypted': { type: 'boolean' },
        'nothing-ran-since': { type: 'boolean' },
        'passphrase-file': { type: 'string' },
      },
    });
  } catch (error) {
    throw new Refusal(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
};

const ask = async (): Promise<string> => {
  if (process.stdin.isTTY) return askPassphrase({ input: process.stdin, output: process.stderr }, false);
  throw new Refusal('This backup is encrypted: give --passphrase-file, or set EVERWAVE_BACKUP_PASSPHRASE.');
};

main().catch((error: unknown) => {
  const text = error instanceof Refusal ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
