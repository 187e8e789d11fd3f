import { nodeDefinitions } from '@everwave/activities/definitions';
import { defineNode } from '@everwave/schema/node';
import { createDataConverter } from '@everwave/temporal/data-converter';
import { createTemporalClient } from '@everwave/temporal/client';
import { createNativeConnection } from '@everwave/temporal/native-connection';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { implementNode } from '../activities/src/runtime/implement-node.ts';
import { createEgress } from '../activities/src/runtime/egress.ts';
import { toActivity } from '../activities/src/runtime/to-activity.ts';
import { createMemoryPorts } from '../activities/src/testing/memory-ports.ts';
import { createApp } from '../api/src/app.ts';
import { type ConnectedTemporal, connectTemporal } from '../api/src/connect-temporal.ts';
import { createDispatcher } from '../api/src/dispatch/dispatcher.ts';
import { createNodeKinds } from '../api/src/node-kinds.ts';
import { createTestApi, type TestApi } from '../api/src/testing/test-api.ts';
import { createTestNamespace, temporalAddress } from '../scripts/testing/temporal.ts';
import { loadWorkflowBundle } from '../temporal-workers/src/bundle.ts';
import { installRuntime } from '../temporal-workers/src/runtime.ts';
import { createWorker, type FlowWorker } from '../temporal-workers/src/worker.ts';

// What an engineer writes to add a node. Nothing below it knows this node: not the api, not the workflow, not the worker.

const sampleGreet = defineNode({
  kind: 'sample.greet',
  version: 1,
  title: 'Greet somebody',
  summary: 'Makes a greeting, at the second attempt.',
  effect: 'reads',
  credential: null,
  input: z.strictObject({ name: z.string().min(1).meta({ title: 'Name' }) }),
  output: z.strictObject({ greeting: z.string() }),
  failures: { shy: 'Nothing to do: it is tried again.' },
  activity: {
    startToCloseTimeout: '7s',
    scheduleToCloseTimeout: '5m',
    retry: { initialInterval: '100ms', maximumInterval: '1s', maximumAttempts: 4, nonRetryableErrorTypes: [] },
  },
  idempotency: { by: 'nature' },
  meters: {},
  examples: [{ title: 'Ada', input: { name: 'Ada' }, output: { greeting: 'Hello Ada' } }],
});

const greet = implementNode(sampleGreet, {
  run: (step, { name }) => {
    if (step.attempt === 1) throw step.failure('shy');
    return Promise.resolve({ greeting: `Hello ${name}` });
  },
});

let api: TestApi;
let temporal: ConnectedTemporal;
let worker: FlowWorker;
let running: Promise<void>;
let settings: { address: string; namespace: string; apiKey: null; tls: null };

beforeAll(async () => {
  api = await createTestApi();
  settings = { address: await temporalAddress(), namespace: await createTestNamespace(), apiKey: null, tls: null };
  temporal = await connectTemporal(settings, api.ring);
  const { log } = api.dependencies;
  installRuntime(log);
  const ports = createMemoryPorts();
  worker = await createWorker({
    connection: await createNativeConnection(settings),
    namespace: settings.namespace,
    db: api.db,
    ring: api.ring,
    bundle: await loadWorkflowBundle(log),
    logger: log,
    activities: { 'sample.greet@1': toActivity(greet, ports, createEgress(ports.egress)) },
    shutdownGraceTime: '1s',
  });
  running = worker.run();
}, 120_000);

afterAll(async () => {
  worker?.shutdown();
  await running;
  await temporal?.close();
  await api?.close();
});

it('takes a node from its folder to the palette, into a flow, and through Temporal under its own policy', async () => {
  const dispatcher = createDispatcher({ ...api.dependencies, temporal });
  const app = createApp({
    ...api.dependencies,
    temporal,
    dispatcher,
    nodeKinds: createNodeKinds([...nodeDefinitions, sampleGreet], []),
  });
  const org = await api.createOrg();
  const developer = await org.as('developer', app);

  const palette = await developer('GET /v1/node-kinds');
  expect(palette.body.items).toContainEqual(
    expect.objectContaining({
      kind: 'sample.greet',
      title: 'Greet somebody',
      input: expect.objectContaining({ properties: { name: expect.objectContaining({ title: 'Name' }) } }),
    }),
  );

  const graph = {
    nodes: [
      { id: 'start', kind: 'trigger.manual', title: 'Start' },
      { id: 'hello', kind: 'sample.greet', title: 'Say hello', input: { name: '{{ trigger.body.who }}' } },
      { id: 'done', kind: 'control.return', title: 'Done', input: { output: '{{ steps.hello.output.greeting }}' } },
    ],
    edges: [
      { id: 'e1', from: 'start', to: 'hello' },
      { id: 'e2', from: 'hello', to: 'done' },
    ],
  };
  const { body: flow } = await developer('POST /v1/flows', { name: 'Greetings', graph });
  expect((await developer(`POST /v1/flows/${flow.id}/publish`, {})).status).toBe(201);
  const { body: started } = await developer(`POST /v1/flows/${flow.id}/runs`, { input: { who: 'Ada' } });
  await dispatcher.round();

  const read = () => developer(`GET /v1/runs/${started.runId}`);
  await expect.poll(async () => (await read()).body.status, { timeout: 30_000 }).toBe('succeeded');
  const { body: run } = await read();
  expect(run.output).toBe('Hello Ada');
  expect(run.attempts).toMatchObject([
    { attempt: 1, failure: { name: 'shy' } },
    { attempt: 2, status: 'succeeded' },
  ]);

  const operator = await createTemporalClient({
    settings,
    dataConverter: createDataConverter({ ring: api.ring, withoutOrg: 'refuse' }),
  });
  const history = await operator.client.workflow.getHandle(run.workflowId).fetchHistory();
  await operator.close();
  const scheduled = history.events?.flatMap(({ activityTaskScheduledEventAttributes: event }) => event ?? []);
  expect(scheduled).toMatchObject([
    {
      activityId: 'hello',
      activityType: { name: 'sample.greet@1' },
      startToCloseTimeout: { seconds: { low: 7 } },
      retryPolicy: { maximumAttempts: 4 },
    },
  ]);
});
