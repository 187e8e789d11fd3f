import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { filesOf, withDatabase } from './backup/installation.ts';
import { projectFolder } from './lib/folders.ts';
import { Refusal } from './lib/refusal.ts';
import { environmentOf } from './supervisor/addresses.ts';
import { parseSettings, readVariables } from './supervisor/env.ts';

/** `everwave reset-owner`: finds the installation's database, running or not, and has the api's program do it there. */
const main = async (): Promise<void> => {
  const settings = parseSettings(readVariables(process.env));
  const run = (databaseUrl: string): Promise<number> => {
    const env = environmentOf(settings, {
      databaseUrl,
      temporalAddress: settings.temporal?.address ?? `127.0.0.1:${settings.ports.EVERWAVE_TEMPORAL_PORT}`,
      temporalUiUrl: settings.temporalUiUrl,
      secretKeyFile: settings.hasOwnSecretKey ? null : filesOf(settings.dataFolder).secretKey,
    });
    const program = join(projectFolder, 'api', 'src', 'reset-owner.ts');
    const child = spawn(process.execPath, [program, ...process.argv.slice(2)], {
      cwd: projectFolder,
      env,
      stdio: 'inherit',
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  };
  process.exitCode = await withDatabase(settings, run);
};

main().catch((error: unknown) => {
  const text = error instanceof Refusal ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
