import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Activity } from '@everwave/activities/worker';
import { createDatabase, type Database, tables, withSystem } from '@everwave/schema/db';
import type { Json, Plan, Variables } from '@everwave/schema/flow';
import { hostWorkflowIdOf, workflowIdOf } from '@everwave/schema/ids';
import {
  type ForkOf,
  isSettled,
  type RunFlowInput,
  type RunFlowResult,
  type RunHostInput,
  type RunHostResult,
} from '@everwave/schema/run';
import { type Client, createTemporalClient } from '@everwave/temporal/client';
import { createDataConverter } from '@everwave/temporal/data-converter';
import {
  additionalData,
  createKeyRing,
  createMasterKeyText,
  type KeyRing,
  loadMasterKeys,
} from '@everwave/temporal/encryption';
import { createLogger, type Logger } from '@everwave/temporal/logger';
import { registerNamespaceAndSearchAttributes } from '@everwave/temporal/namespace';
import { createNativeConnection } from '@everwave/temporal/native-connection';
import { startHost, startRun } from '@everwave/temporal/runs';
import { openShown } from '@everwave/temporal/values';
import type { WorkflowHandle } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { asc, eq } from 'drizzle-orm';
import { childRunIdOf } from '../../schema/src/interpreter/child-run-id.ts';
import { temporalAddress } from '../../scripts/testing/temporal.ts';
import { createTestDatabase } from '../../scripts/testing/test-database.ts';
import { loadWorkflowBundle } from '../src/bundle.ts';
import { installRuntime } from '../src/runtime.ts';
import { createWorker, type FlowWorker } from '../src/worker.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
installRuntime(logger);

export interface HarnessOptions {
  /** The test's own, or the product's, made with what they need. */
  readonly activities:
    | Record<string, Activity>
    | ((tools: { db: Database; ring: KeyRing; logger: Logger }) => Record<string, Activity>);
  /** 0 replays the whole history at every workflow task. */
  readonly maxCachedWorkflows?: number;
  /** Steps that the worker executes at the same time. */
  readonly stepsAtOnce?: number;
  /** True when the test brings workers of its own, in processes that it can kill. */
  readonly withoutWorker?: boolean;
  /** host:port of another server than the shared one. */
  readonly address?: string;
}

export interface StartOptions {
  readonly trigger?: Json;
  readonly historyLimit?: number;
  readonly env?: Variables;
  /** A new one when absent. */
  readonly runId?: string;
  /** Starts another run again; `forkNumber` is its number among those of one root. */
  readonly fork?: ForkOf & { readonly origin: RunUnderTest; readonly forkNumber: number };
}

export interface RunUnderTest {
  readonly runId: string;
  readonly workflowId: string;
  readonly handle: WorkflowHandle;
  /** Temporal's id of the part that was started; a run that continues as new has others after it. */
  readonly firstTemporalRunId: string | null;
  readonly input: RunFlowInput;
  result(): Promise<RunFlowResult>;
  /** Rows of the projection, opened. */
  projection(): Promise<ProjectedRun>;
}

export interface HostUnderTest {
  readonly workflowId: string;
  readonly handle: WorkflowHandle;
  readonly firstTemporalRunId: string | null;
  readonly runs: readonly RunUnderTest[];
  result(): Promise<RunHostResult>;
}

export interface ProjectedRun {
  readonly run: Omit<typeof tables.runs.$inferSelect, 'triggerSealed' | 'variablesSealed' | 'outputSealed'> & {
    readonly output: Json | null;
  };
  readonly steps: readonly (Omit<typeof tables.runSteps.$inferSelect, 'inputSealed' | 'outputSealed'> & {
    readonly input: Json | null;
    readonly output: Json | null;
  })[];
}

export interface Harness {
  readonly client: Client;
  readonly db: Database;
  readonly ring: KeyRing;
  readonly orgId: string;
  readonly namespace: string;
  /** The environment of a worker in a process of its own. */
  readonly variables: Readonly<Record<string, string>>;
  startWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  /** The row that the api writes, then the workflow. */
  start(plan: Plan, options?: StartOptions): Promise<RunUnderTest>;
  /** A run that another one has started. */
  child(parent: RunUnderTest, path: string, ordinal?: number): RunUnderTest;
  /** The same by its id. */
  of(runId: string, parent: RunUnderTest): RunUnderTest;
  /** Rows for as many runs, then one host for all of them. */
  startHost(plan: Plan, triggers: readonly Json[]): Promise<HostUnderTest>;
  close(): Promise<void>;
}

const newId = (prefix: string) => `${prefix}_${randomBytes(16).toString('hex')}`;

/** A database, a namespace, an org and a worker of their own, all real; only the activities are the test's. */
export const createHarness = async (options: HarnessOptions): Promise<Harness> => {
  const database = await createTestDatabase();
  const db = createDatabase({ url: database.url, applicationName: 'worker-test' });
  const secretKey = createMasterKeyText();
  const ring = createKeyRing({ db, masterKeys: loadMasterKeys({ secretKey }) });
  const orgId = newId('org');
  await withSystem(db, (tx) =>
    tx.insert(tables.organizations).values({ id: orgId, name: 'Test', slug: orgId, createdAt: new Date() }),
  );

  const address = options.address ?? (await temporalAddress());
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const settings = { address, namespace, apiKey: null, tls: null };
  const temporal = await createTemporalClient({
    settings,
    dataConverter: createDataConverter({ ring, withoutOrg: 'refuse' }),
  });
  await registerNamespaceAndSearchAttributes({ ...settings, connection: temporal.connection });
  const bundle = await loadWorkflowBundle(logger);
  const activities =
    typeof options.activities === 'function' ? options.activities({ db, ring, logger }) : options.activities;

  let native: NativeConnection | undefined;
  let worker: FlowWorker | undefined;
  let running: Promise<void> | undefined;

  const startWorker = async () => {
    native ??= await createNativeConnection(settings);
    worker = await createWorker({
      connection: native,
      namespace,
      db,
      ring,
      bundle,
      logger,
      activities,
      ...(options.stepsAtOnce === undefined ? {} : { queues: [{ name: 'flow', stepsAtOnce: options.stepsAtOnce }] }),
      ...(options.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: options.maxCachedWorkflows }),
      shutdownGraceTime: '1s',
    });
    running = worker.run();
  };
  const stopWorker = async () => {
    worker?.shutdown();
    await running;
    worker = undefined;
  };

  /** The row that the api writes, and what its workflow is to be started with. */
  const prepare = async (
    plan: Plan,
    { trigger = {}, historyLimit, env, runId = newId('run'), fork }: StartOptions,
    hostWorkflowId: string | null = null,
  ): Promise<RunFlowInput> => {
    const input: RunFlowInput = {
      engineVersion: 1,
      orgId,
      runId,
      rootRunId: fork?.origin.input.rootRunId ?? runId,
      plan,
      planHash: 'test',
      trigger: { stepId: 'start', kind: 'trigger.manual', data: trigger },
      run: { flowName: plan.title, url: `https://everwave.test/runs/${runId}`, requestId: `req_${runId}` },
      ...(env && { env }),
      ...(historyLimit === undefined ? {} : { historyLimit }),
      ...(fork && { fork: withoutOrigin(fork) }),
    };
    const triggerSealed = await ring.sealJson(orgId, trigger, additionalData.runTrigger(runId));
    await withSystem(db, (tx) =>
      tx.insert(tables.runs).values({
        id: runId,
        orgId,
        flowId: plan.flowId,
        flowVersion: plan.flowVersion,
        planHash: 'test',
        triggerNodeId: 'start',
        triggerKind: 'trigger.manual',
        rootRunId: input.rootRunId,
        forkOfRunId: fork?.originRunId ?? null,
        forkAt: fork?.at ?? null,
        forkNumber: fork?.forkNumber ?? null,
        workflowId: workflowIdOf(orgId, runId),
        hostWorkflowId,
        triggerSealed,
      }),
    );
    return input;
  };

  const toRun = (input: RunFlowInput, firstTemporalRunId: string | null): RunUnderTest => {
    const workflowId = workflowIdOf(orgId, input.runId);
    const handle = temporal.client.workflow.getHandle(workflowId);
    return {
      runId: input.runId,
      workflowId,
      handle,
      firstTemporalRunId,
      input,
      result: () => handle.result() as Promise<RunFlowResult>,
      projection: () => readProjection(db, ring, input.runId),
    };
  };

  const ofRun = (runId: string, parent: RunUnderTest): RunUnderTest =>
    toRun({ ...parent.input, runId, rootRunId: runId }, null);

  const start = async (plan: Plan, startOptions: StartOptions = {}): Promise<RunUnderTest> => {
    const input = await prepare(plan, startOptions);
    const { temporalRunId } = await startRun(temporal.client, input);
    return toRun(input, temporalRunId);
  };

  const startHosted = async (plan: Plan, triggers: readonly Json[]): Promise<HostUnderTest> => {
    const hostId = randomBytes(16).toString('hex');
    const workflowId = hostWorkflowIdOf(orgId, hostId);
    const inputs: RunFlowInput[] = [];
    for (const trigger of triggers) inputs.push(await prepare(plan, { trigger }, workflowId));
    const input: RunHostInput = { engineVersion: 1, orgId, hostId, plan, planHash: 'test', runs: inputs.map(toHosted) };
    const { temporalRunId } = await startHost(temporal.client, input);
    const handle = temporal.client.workflow.getHandle(workflowId);
    return {
      workflowId,
      handle,
      firstTemporalRunId: temporalRunId,
      runs: inputs.map((each) => toRun(each, null)),
      result: () => handle.result() as Promise<RunHostResult>,
    };
  };

  if (!options.withoutWorker) await startWorker();
  return {
    client: temporal.client,
    db,
    ring,
    orgId,
    namespace,
    variables: {
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      EVERWAVE_SECRET_KEY: secretKey,
      EVERWAVE_WORKER_PORT: '0',
      EVERWAVE_LOG_LEVEL: 'error',
    },
    startWorker,
    stopWorker,
    start,
    child: (parent, path, ordinal = 1) => ofRun(childRunIdOf(parent.runId, path, ordinal), parent),
    of: ofRun,
    startHost: startHosted,
    close: async () => {
      await stopWorker();
      await native?.close();
      await temporal.close();
      await db.$client.end();
      await database.close();
    },
  };
};

const withoutOrigin = (whole: NonNullable<StartOptions['fork']>): ForkOf => {
  const { origin: _origin, forkNumber: _forkNumber, ...fork } = whole;
  return fork;
};

const toHosted = ({ runId, rootRunId, trigger, run }: RunFlowInput) => ({ runId, rootRunId, trigger, run });

const readProjection = async (db: Database, ring: KeyRing, runId: string): Promise<ProjectedRun> => {
  const { rows, stepRows } = await withSystem(db, async (tx) => ({
    rows: await tx.select().from(tables.runs).where(eq(tables.runs.id, runId)),
    stepRows: await tx
      .select()
      .from(tables.runSteps)
      .where(eq(tables.runSteps.runId, runId))
      .orderBy(asc(tables.runSteps.path), asc(tables.runSteps.ordinal)),
  }));
  const [found] = rows;
  if (!found) throw new Error(`The run ${runId} has no row.`);
  const open = async (sealed: Uint8Array | null, binding: string): Promise<Json | null> => {
    if (!sealed) return null;
    const shown = await openShown(ring, { orgId: found.orgId, sealed, binding });
    return 'value' in shown ? shown.value : (shown as unknown as Json);
  };
  const { triggerSealed: _, variablesSealed: _variables, outputSealed, ...run } = found;
  const steps = stepRows.map(async ({ inputSealed, outputSealed: sealed, ...step }) => ({
    ...step,
    input: await open(inputSealed, additionalData.stepInput(runId, step.path, step.ordinal)),
    output: await open(sealed, additionalData.stepOutput(runId, step.path, step.ordinal)),
  }));
  return {
    run: { ...run, output: await open(outputSealed, additionalData.runOutput(runId)) },
    steps: await Promise.all(steps),
  };
};

/** Asks until the answer is right; fails with the last answer. */
export const eventually = async <T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
  within = 30_000,
): Promise<T> => {
  const deadline = Date.now() + within;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`It did not come to pass. The last answer: ${JSON.stringify(answer)?.slice(0, 600)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** Waits until the projection shows the run in this state. */
export const untilStatus = (run: RunUnderTest, status: string, within?: number): Promise<ProjectedRun> =>
  eventually(
    () => run.projection(),
    (projected) => projected.run.status === status,
    within,
  );

/**
 * Waits until a run, or a sub-flow, is over in Temporal, however it ends. One that never ends is named, with what is open
 * in it, instead of its test running out of time.
 */
export const untilOver = async (run: RunUnderTest, within = 180_000): Promise<void> => {
  const late = new AbortController();
  const tooLate = sleep(within, null, { signal: late.signal }).then(async () => {
    const { run: row, steps } = await run.projection();
    const open = steps.filter(({ status }) => !isSettled(status)).map(({ path, status }) => `${path} ${status}`);
    const names = await eventNames(run);
    throw new Error(
      `${run.runId} has not ended after ${within / 1_000} seconds: ${row.status}, ${open.join(', ')}. Its history of ${names.length} events ends with ${names.slice(-12).join(', ')}.`,
    );
  });
  await Promise.race([run.result().catch(() => null), tooLate]).finally(() => late.abort());
};

/** Names of a run's events, in order. */
export const eventNames = async (run: RunUnderTest): Promise<string[]> => {
  const { events } = await run.handle.fetchHistory();
  return (events ?? []).map((event) => {
    const name = Object.keys(event).find((key) => key.endsWith('EventAttributes') && event[key as keyof typeof event]);
    return name?.replace('EventAttributes', '') ?? 'unknown';
  });
};
