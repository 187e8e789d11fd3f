import type { AddressInfo } from 'node:net';
import { createDatabase } from '@everwave/schema/db';
import { checkMasterKey, loadMasterKeys } from '@everwave/temporal/encryption';
import { createLogger } from '@everwave/temporal/logger';
import { startTracing } from '@everwave/temporal/tracing';
import type { ServerType } from '@hono/node-server';
import { createApp, routeTable } from './app.ts';
import { checkBreachedPasswordsFile } from './auth/breached-passwords.ts';
import { createDependencies } from './create-dependencies.ts';
import { createBoundedServer } from './edge/create-server.ts';
import { undeclaredRoutes } from './edge/default-deny.ts';
import { type Environment, readEnvironment } from './env.ts';
import { waitForPostgres } from './wait-for-postgres.ts';

/** Milliseconds that requests in progress get after SIGTERM. */
const drainLimit = 10_000;

const log = createLogger({ service: 'api', level: 'info' });

const start = async (environment: Environment): Promise<void> => {
  const { databaseUrl, host, port, logLevel, breachedPasswordsFile } = environment;
  if (breachedPasswordsFile !== null) await checkBreachedPasswordsFile(breachedPasswordsFile);
  const ownLog = createLogger({ service: 'api', level: logLevel });
  const db = createDatabase({ url: databaseUrl, applicationName: 'everwave-api', max: 20 });
  const { version } = environment.settings;
  const tracing = await startTracing({ service: 'api', version, isOn: environment.isTracing, log: ownLog });
  await waitForPostgres(db, ownLog);
  const masterKeys = loadMasterKeys(environment.masterKey);
  await checkMasterKey(db, masterKeys);

  const dependencies = createDependencies(environment, { db, masterKeys, log: ownLog });
  const { dispatcher, eventDeliverer, notifier, outbox, placer, repairer, runFeed, scheduleKeeper, temporal } =
    dependencies;
  const app = createApp(dependencies);
  const open = undeclaredRoutes(app, routeTable);
  if (open.length > 0) throw new Error(`These routes stand in no table of routes: ${open.join(', ')}.`);
  const server = createBoundedServer(app, environment.settings.limits);
  await listen(server, port, host);
  await runFeed.start();
  dispatcher.start();
  placer.start();
  repairer.start();
  eventDeliverer.start();
  outbox.start();
  notifier.start();
  scheduleKeeper.start();
  const drain = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await runFeed.stop();
    if ('closeIdleConnections' in server) server.closeIdleConnections();
    const force = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), drainLimit);
    await closed;
    clearTimeout(force);
    await Promise.all(
      [placer, dispatcher, eventDeliverer, repairer, notifier, outbox, scheduleKeeper].map((rounds) => rounds.stop()),
    );
    await dependencies.close();
    await db.$client.end({ timeout: 5 });
    await tracing.stop();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      ownLog.info('draining', { signal });
      drain().then(
        () => {
          ownLog.info('stopped');
          process.exit(0);
        },
        (error: unknown) => giveUp('could not stop cleanly', error),
      );
    });
  }

  const { port: actualPort } = server.address() as AddressInfo;
  ownLog.info('api is up', { url: `http://${host}:${actualPort}`, publicUrl: environment.settings.apiUrl });
  // Not needed to be up: deliveries are taken and runs shown without it.
  temporal.check().catch((error: unknown) => ownLog.warn('Temporal does not answer yet', { error }));
};

const listen = (server: ServerType, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });

const giveUp = (message: string, error: unknown): never => {
  log.error(message, { error });
  process.exit(1);
};

// Last resort: the state is unknown, so the process ends and its supervisor starts a new one. Nothing acknowledged is lost.
process.on('uncaughtException', (error) => giveUp('uncaught error', error));

try {
  await start(readEnvironment());
} catch (error) {
  giveUp(error instanceof Error ? error.message : 'the api could not start', error);
}
