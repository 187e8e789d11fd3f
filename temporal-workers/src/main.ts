import { createDatabase, poolUseOf } from '@everwave/schema/db';
import { createTemporalClient } from '@everwave/temporal/client';
import { createDataConverter } from '@everwave/temporal/data-converter';
import { checkMasterKey, createKeyRing, loadMasterKeys } from '@everwave/temporal/encryption';
import { createLogger, type Logger } from '@everwave/temporal/logger';
import { registerNamespaceAndSearchAttributes } from '@everwave/temporal/namespace';
import { createNativeConnection } from '@everwave/temporal/native-connection';
import { startTracing } from '@everwave/temporal/tracing';
import { sql } from 'drizzle-orm';
import { startAlerts } from './alerts/alerts.ts';
import { loadWorkflowBundle } from './bundle.ts';
import { readEnvironment, type WorkerEnvironment } from './env.ts';
import { startHealthServer } from './health-server.ts';
import { countAttempts } from './count-attempts.ts';
import { findProblems } from './find-problems.ts';
import { createMetrics } from './metrics.ts';
import { persistently } from './persistently.ts';
import { startReconciler } from './reconciler/reconciler.ts';
import { findFreeAddress, installRuntime, readCoreMetrics } from './runtime.ts';
import { traceAttempts } from './trace-attempts.ts';
import { createWorker } from './worker.ts';

const version = '0.1.0';
/** How long the worker waits at its start for Postgres and Temporal, each. */
const patience = 60_000;

const start = async (environment: WorkerEnvironment, logger: Logger): Promise<void> => {
  const stop = onStopSignal(() => process.exit(0));
  const { isTracing } = environment;
  const tracing = await startTracing({ service: 'worker', version, isOn: isTracing, log: logger });
  const coreMetrics = await findFreeAddress();
  installRuntime(logger, coreMetrics);
  const masterKeys = loadMasterKeys(environment.masterKeys);
  const db = createDatabase({ url: environment.databaseUrl, applicationName: 'everwave-worker' });
  await persistently({ what: 'database', logger, patience }, () => db.execute(sql`select 1`));
  await checkMasterKey(db, masterKeys);
  const ring = createKeyRing({ db, masterKeys });

  const { temporal } = environment;
  const waiting = { what: 'temporal', logger, patience };
  const dataConverter = createDataConverter({ ring, withoutOrg: 'refuse' });
  const temporalClient = await persistently(waiting, () => createTemporalClient({ settings: temporal, dataConverter }));
  const registered = await registerNamespaceAndSearchAttributes({ ...temporalClient, ...temporal });
  if (!registered.ok) {
    throw new Error(
      `Temporal does not let us prepare the namespace ${temporal.namespace} (${registered.reason}). Have these commands run, then start again:\n${registered.commands.join('\n')}`,
    );
  }
  const connection = await persistently(waiting, () => createNativeConnection(temporal));
  const metrics = createMetrics({
    version,
    queued: () => worker.batcher.size(),
    poolUse: () => poolUseOf(db),
  });
  const worker = await createWorker({
    connection,
    namespace: temporal.namespace,
    db,
    ring,
    bundle: await loadWorkflowBundle(logger),
    logger,
    egressAllow: environment.egressAllow,
    shutdownGraceTime: environment.drainTime,
    maxCachedWorkflows: environment.cachedRuns,
    modelsFile: environment.modelsFile,
    queues: environment.queues,
    onEntry: metrics.count,
    onMeters: metrics.meter,
    interceptors: isTracing ? [countAttempts(metrics.attempt), traceAttempts] : [countAttempts(metrics.attempt)],
  });
  const health = await startHealthServer({
    host: environment.host,
    port: environment.port,
    readMetrics: async () => `${await metrics.registry.metrics()}\n${await readCoreMetrics(coreMetrics, logger)}`,
    metricsToken: environment.metricsToken,
    problems: () => findProblems({ db, state: worker.state(), connection: temporalClient.connection }),
  });
  const reconciler = startReconciler({
    client: temporalClient.client,
    db,
    ring,
    logger,
    blobGrace: environment.blobGrace,
  });
  const alerts = startAlerts({
    db,
    ring,
    logger,
    egress: { allow: environment.egressAllow },
    webUrl: environment.webUrl,
  });

  const running = worker.run();
  stop.instead(() => {
    logger.info('worker stopping');
    worker.shutdown();
  });
  logger.info('worker ready', {
    port: health.port,
    temporal: temporal.address,
    namespace: temporal.namespace,
    queues: environment.queues.map(({ name, stepsAtOnce }) => `${name}:${stepsAtOnce}`),
  });
  await running;

  await Promise.all([reconciler.stop(), alerts.stop()]);
  await health.close();
  await temporalClient.close();
  await connection.close();
  await db.$client.end({ timeout: 5 });
  await tracing.stop();
  logger.info('worker stopped');
};

/** While the worker starts there is nothing to drain: it ends at once. */
const onStopSignal = (first: () => void): { instead(next: () => void): void } => {
  let action = first;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => action());
  return {
    instead: (next) => {
      action = next;
    },
  };
};

try {
  const environment = readEnvironment();
  const logger = createLogger({ service: 'worker', level: environment.logLevel });
  try {
    await start(environment, logger);
    process.exit(0);
  } catch (error) {
    logger.error(error instanceof Error ? error.message : String(error), { error });
    process.exit(1);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
