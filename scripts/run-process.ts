import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkManagedPostgres } from './supervisor/check-postgres.ts';
import { environmentOf } from './supervisor/addresses.ts';
import { parseSettings, readVariables } from './supervisor/env.ts';
import { embeddedDatabase, filesOf } from './backup/installation.ts';
import { findRunningPostgres } from './lib/embedded-postgres.ts';
import { projectFolder } from './lib/folders.ts';
import { Refusal } from './lib/refusal.ts';
import { withWorkerHeap } from './lib/worker-heap.ts';

const mains = { api: 'api/src/main.ts', worker: 'temporal-workers/src/main.ts' } as const;

/**
 * `pnpm run-api`, `pnpm run-worker`: one process more, beside a running installation (`npm start`, or DATABASE_URL with
 * TEMPORAL_ADDRESS). Its port is a free one unless the setting names another.
 */
const main = async (): Promise<void> => {
  const [name, ...more] = process.argv.slice(2);
  if ((name !== 'api' && name !== 'worker') || more.length > 0)
    throw new Refusal('Usage: pnpm run-api, pnpm run-worker');
  const variables = readVariables(process.env);
  const port = name === 'api' ? 'EVERWAVE_API_PORT' : 'EVERWAVE_WORKER_PORT';
  const settings = parseSettings(variables);
  const environment = environmentOf(settings, {
    databaseUrl: await findDatabase(settings.databaseUrl, settings.dataFolder),
    temporalAddress: settings.temporal?.address ?? `127.0.0.1:${settings.ports.EVERWAVE_TEMPORAL_PORT}`,
    temporalUiUrl: settings.temporalUiUrl,
    secretKeyFile: settings.hasOwnSecretKey ? null : filesOf(settings.dataFolder).secretKey,
  });
  const child = spawn(process.execPath, [join(projectFolder, mains[name])], {
    cwd: projectFolder,
    env: { ...(name === 'worker' ? withWorkerHeap(environment) : environment), [port]: variables[port] || '0' },
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill('SIGTERM'));
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
};

const findDatabase = async (databaseUrl: string | null, dataFolder: string): Promise<string> => {
  if (databaseUrl !== null) {
    await checkManagedPostgres(databaseUrl);
    return databaseUrl;
  }
  const running = findRunningPostgres(dataFolder, embeddedDatabase);
  if (running !== null) return running;
  throw new Refusal(
    `Nothing runs on ${dataFolder}. Start it with npm start, or set DATABASE_URL and TEMPORAL_ADDRESS to where it runs.`,
  );
};

main().catch((error: unknown) => {
  const text = error instanceof Refusal ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
