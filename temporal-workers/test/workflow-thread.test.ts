import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createLogger } from '@everwave/temporal/logger';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestNamespace, temporalAddress } from '../../scripts/testing/temporal.ts';
import { installRuntime } from '../src/runtime.ts';
import { withLeanWorkflowThread } from '../src/workflow-thread.ts';

installRuntime(createLogger({ service: 'test', level: 'silent' }));

const taskQueue = 'endless';
let connection: Connection;
let native: NativeConnection;
let client: Client;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  const [address, namespace] = await Promise.all([temporalAddress(), createTestNamespace()]);
  connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./endless-workflows.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  worker = await withLeanWorkflowThread(() =>
    Worker.create({ connection: native, namespace, taskQueue, workflowBundle }),
  );
  running = worker.run();
}, 60_000);

afterAll(async () => {
  worker?.shutdown();
  await running;
  await native?.close();
  await connection?.close();
});

describe('a workflow task that does not end', () => {
  it.each([
    ['in a loop', 'endlessLoop'],
    ['from promise to promise', 'endlessPromises'],
  ])('fails when it goes on %s, and leaves the thread to other runs', { timeout: 60_000 }, async (_how, type) => {
    const endless = await client.workflow.start(type, { taskQueue, workflowId: randomUUID() });
    const failures = async () => {
      const { events = [] } = await endless.fetchHistory();
      return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.message ?? []);
    };
    const deadline = performance.now() + 30_000;
    while ((await failures()).length === 0 && performance.now() < deadline) await sleep(100);
    expect(await failures()).toEqual([expect.stringContaining('timed out after 5000ms')]);
    await endless.terminate();

    const quick = await client.workflow.start('quick', { taskQueue, workflowId: randomUUID() });
    expect(await quick.result()).toBe('done');
  });
});
