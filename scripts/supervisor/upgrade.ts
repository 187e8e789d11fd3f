import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { countMigrations, schemaVersion } from '@everwave/schema/db';
import { backupName, rotate } from '../backup/rotate.ts';
import { projectFolder } from '../lib/folders.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Settings } from './env.ts';

const kept = 3;

/**
 * Makes a backup of an embedded installation that this release is about to migrate. Returns its file; null when there is
 * nothing to migrate. The key stays where it is, beside it. A managed database has backups of its own.
 */
export const backUpBeforeUpgrade = async (settings: Settings, databaseUrl: string): Promise<string | null> => {
  if (settings.databaseUrl !== null) return null;
  const version = await countMigrations(databaseUrl);
  if (version === 0 || version >= schemaVersion) return null;
  const folder = join(settings.dataFolder, 'backups');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, backupName('before-upgrade', new Date()));
  await runBackup(settings, file);
  rotate(folder, 'before-upgrade', kept);
  return file;
};

const runBackup = (settings: Settings, file: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const script = join(projectFolder, 'scripts', 'backup.ts');
    const args = ['--disable-warning=ExperimentalWarning', script, file, '--without-key'];
    const child = spawn(process.execPath, args, {
      cwd: projectFolder,
      env: { ...settings.variables, EVERWAVE_DATA: settings.dataFolder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) return resolve();
      reject(
        new Refusal(
          `This release changes the database, and the backup that should come first could not be made: ${said.trim()} Nothing was changed.`,
        ),
      );
    });
  });

/** What a person must know when the preparation failed after that backup. */
export const explainFailedUpgrade = (error: unknown, backup: string | null): unknown => {
  if (backup === null || !(error instanceof Error)) return error;
  return new Refusal(
    `The database could not be brought to this release, and is as it was before: ${error.message}\nStart the earlier release to go on with it. A backup made before the attempt is ${backup}`,
    { cause: error },
  );
};
