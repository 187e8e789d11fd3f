import { hostname } from 'node:os';
import { type Activity, createActivities, type MeterReading, testConnection } from '@everwave/activities/worker';
import type { Database } from '@everwave/schema/db';
import {
  type ProbeInput,
  type ProbeResult,
  fireTriggerActivity,
  type StartedFork,
  startForkActivity,
  type StartForkInput,
  taskQueues,
  type TriggerFire,
} from '@everwave/schema/run';
import { createDataConverter } from '@everwave/temporal/data-converter';
import type { KeyRing } from '@everwave/temporal/encryption';
import type { Logger } from '@everwave/temporal/logger';
import { cancellationSignal, heartbeat, sleep } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import {
  type ActivityInterceptorsFactory,
  type NativeConnection,
  Worker,
  type WorkerOptions as Options,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import { startFork } from './fork/start-fork.ts';
import { createAttemptInterceptor } from './projection/attempt-interceptor.ts';
import { type Batcher, createBatcher } from './projection/batcher.ts';
import type { Entry } from './projection/entry.ts';
import { createProjectionSinks } from './projection/sinks.ts';
import { writeEntries } from './projection/write-entries.ts';
import type { ServedQueue } from './queues.ts';
import { runTogether, shutDownAll, stateOf } from './run-together.ts';
import { createActivityDependencies } from './stores/activity-dependencies.ts';
import { acceptFire } from './triggers/accept-fire.ts';
import { shutdownTimes, workerSettings } from './worker-settings.ts';
import { withLeanWorkflowThread } from './workflow-thread.ts';
import { probeActivity } from './workflows/probe.ts';

export interface WorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly db: Database;
  readonly ring: KeyRing;
  readonly bundle: WorkflowBundleOption;
  readonly logger: Logger;
  /** Exact `host:port` entries that activities may reach although they are private. */
  readonly egressAllow?: readonly string[];
  /** The models file; the one that comes with Everwave when absent. */
  readonly modelsFile?: string | null;
  /** Task queues to serve; `flow` alone by default. */
  readonly queues?: readonly ServedQueue[];
  /** Temporal's name for this worker; unique. */
  readonly identity?: string;
  /** In place of every connector's, for tests. */
  readonly activities?: Record<string, Activity>;
  /** Which build of which deployment this is, where Temporal is to know: see `runBatch` for who stays on one. */
  readonly deployment?: { readonly deploymentName: string; readonly buildId: string };
  /** Workflows kept in memory. */
  readonly maxCachedWorkflows?: number;
  /** Hears of everything that goes to the projection. */
  readonly onEntry?: (entry: Entry) => void;
  /** Around every attempt, inside the one that reports it to the projection. */
  readonly interceptors?: readonly ActivityInterceptorsFactory[];
  /** Hears of every meter reading that was stored. */
  readonly onMeters?: (readings: readonly MeterReading[]) => void;
  /** How long running activities may go on after `shutdown`. */
  readonly shutdownGraceTime?: `${number}s`;
}

export interface FlowWorker {
  /** Runs until `shutdown`. Rejects when the worker cannot go on. */
  run(): Promise<void>;
  shutdown(): void;
  state(): string;
  readonly batcher: Batcher;
}

/** Milliseconds for what is still on its way to the projection when the worker stops. */
const flushTimeout = 5_000;

/**
 * Serves its task queues until it is shut down: `flow` with workflows and activities together, so that activities are
 * dispatched eagerly; the others with activities alone, so that slow work has slots of its own.
 */
export const createWorker = async (options: WorkerOptions): Promise<FlowWorker> => {
  const { db, ring, logger, identity = `everwave-worker-${hostname()}-${process.pid}` } = options;
  const batcher = createBatcher({ write: (entries) => writeEntries({ db, ring }, entries), logger });
  const projection: Pick<Batcher, 'add'> = {
    add: (entry) => {
      options.onEntry?.(entry);
      batcher.add(entry);
    },
  };
  const queues = options.queues ?? [{ name: 'flow', stepsAtOnce: workerSettings.maxConcurrentActivityTaskExecutions }];
  const code = queues.find(({ name }) => name === 'code');
  const dependencies = createActivityDependencies({ ...options, ...(code && { codePlaces: code.stepsAtOnce }) });
  if (code) dependencies.sandbox.warm();
  const common = {
    connection: options.connection,
    namespace: options.namespace,
    identity,
    dataConverter: createDataConverter({ ring, withoutOrg: 'withhold' }),
    interceptors: {
      activity: [createAttemptInterceptor({ batcher: projection, identity }), ...(options.interceptors ?? [])],
    },
    ...shutdownTimes(options.shutdownGraceTime ?? '20s'),
    ...(options.deployment && {
      workerDeploymentOptions: {
        version: options.deployment,
        useWorkerVersioning: true,
        defaultVersioningBehavior: 'AUTO_UPGRADE' as const,
      },
    }),
  } satisfies Partial<Options>;
  const activities = options.activities ?? createActivities(dependencies);

  const { connection, namespace } = options;
  const client = new Client({
    connection,
    namespace,
    dataConverter: createDataConverter({ ring, withoutOrg: 'refuse' }),
  });

  const optionsOf = ({ name, stepsAtOnce }: ServedQueue): Options => ({
    ...common,
    ...workerSettings,
    maxConcurrentActivityTaskExecutions: stepsAtOnce,
    taskQueue: taskQueues[name],
    activities,
    ...(name === 'flow' && {
      workflowBundle: options.bundle,
      activities: {
        ...activities,
        [probeActivity]: (input: ProbeInput): Promise<ProbeResult> =>
          testConnection(dependencies, input, cancellationSignal()),
        [startForkActivity]: (input: StartForkInput): Promise<StartedFork> =>
          startFork({ client, db, ring, logger, beat: heartbeat, sleep }, input),
        [fireTriggerActivity]: (fire: TriggerFire): Promise<void> => acceptFire({ db, ring, logger }, fire),
      },
      sinks: createProjectionSinks(projection),
      ...(options.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: options.maxCachedWorkflows }),
    }),
  });
  const workers = await withLeanWorkflowThread(() =>
    Promise.all(queues.map((queue) => Worker.create(optionsOf(queue)))),
  );
  return {
    run: async () => {
      try {
        await runTogether(workers);
      } finally {
        await dependencies.sandbox.close();
        await batcher.flush(flushTimeout);
      }
    },
    shutdown: () => shutDownAll(workers),
    state: () => stateOf(workers),
    batcher,
  };
};
