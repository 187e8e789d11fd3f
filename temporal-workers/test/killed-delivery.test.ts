import { tables, withSystem } from '@everwave/schema/db';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { type ApiCaller, createApiCaller } from './api-caller.ts';
import { createHarness, eventNames, eventually, type Harness, type RunUnderTest } from './harness.ts';
import { createProcesses, type Processes } from './processes.ts';

// The real api and the real worker, in processes that are killed with SIGKILL between taking an event and bringing it.

let harness: Harness;
let processes: Processes;
let caller: ApiCaller;

beforeAll(async () => {
  harness = await createHarness({ activities: {}, withoutWorker: true });
  processes = createProcesses(harness);
  caller = await createApiCaller(harness, 'operator');
});
afterAll(async () => {
  processes.close();
  await harness.close();
});

const send = async (url: string, keys: readonly string[]): Promise<void> => {
  const events = keys.map((key) => ({ id: `pay ${key}`, name: 'order.paid', correlationKey: key, data: { key } }));
  const response = await caller.request(url, 'POST', '/v1/events', { events });
  expect(response.status).toBe(202);
};

const plan = aPlan({
  steps: {
    wait: {
      type: 'waitForEvent',
      event: 'order.paid',
      correlationKey: '{{ trigger.key }}',
      match: null,
      timeout: null,
    },
    done: { type: 'return', output: '{{ steps.wait.output.data.key }}' },
  },
  edges: ['start -> wait', 'wait -> done'],
});
const startRuns = (keys: readonly string[]): Promise<RunUnderTest[]> =>
  Promise.all(keys.map((key) => harness.start(plan, { trigger: { key } })));

const untilRegistered = (runs: readonly RunUnderTest[]): Promise<unknown> =>
  eventually(
    () =>
      withSystem(harness.db, (tx) =>
        tx
          .select({ runId: tables.eventWaits.runId })
          .from(tables.eventWaits)
          .where(
            and(
              inArray(
                tables.eventWaits.runId,
                runs.map(({ runId }) => runId),
              ),
              isNull(tables.eventWaits.closedAt),
            ),
          ),
      ),
    (rows) => rows.length === runs.length,
    60_000,
  );

/** Each run has gone on with its own event, which entered its history once. */
const expectEachOnce = async (runs: readonly RunUnderTest[], keys: readonly string[]): Promise<void> => {
  const outputs = await Promise.all(runs.map(async (run) => (await run.result()).output));
  expect(outputs).toEqual(keys);
  for (const run of runs) {
    const updates = (await eventNames(run)).filter((name) => name === 'workflowExecutionUpdateAccepted');
    expect(updates).toHaveLength(1);
  }
  await eventually(
    () =>
      withSystem(harness.db, (tx) =>
        tx
          .select({ status: tables.eventDeliveries.status })
          .from(tables.eventDeliveries)
          .where(
            inArray(
              tables.eventDeliveries.runId,
              runs.map(({ runId }) => runId),
            ),
          ),
      ),
    (rows) => rows.every(({ status }) => status === 'taken'),
    60_000,
  );
};

it('brings every event that was taken to its run, once, whoever is killed in between', async () => {
  const keys = Array.from({ length: 12 }, (_, index) => `late-${index}`);
  let worker = processes.start('worker');
  const runs = await startRuns(keys);
  await untilRegistered(runs);
  await processes.kill(worker);

  let api = await processes.startApi();
  await send(api.url, keys);
  await processes.kill(api.process);
  worker = processes.start('worker');
  for (let round = 0; round < 3; round += 1) {
    api = await processes.startApi();
    await new Promise((resolve) => setTimeout(resolve, 150 * round));
    await processes.kill(api.process);
  }
  await processes.kill(worker);
  [worker, api] = [processes.start('worker'), await processes.startApi()];
  // A sender that has heard nothing sends again.
  await send(api.url, keys.toReversed());
  await expectEachOnce(runs, keys);

  // Early ones: taken before any run waits for them, by an api that is killed at once.
  const early = Array.from({ length: 12 }, (_, index) => `early-${index}`);
  await processes.kill(api.process);
  api = await processes.startApi();
  await send(api.url, early);
  await processes.kill(api.process);
  const later = await startRuns(early);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await processes.kill(worker);
  [worker, api] = [processes.start('worker'), await processes.startApi()];
  await expectEachOnce(later, early);

  const rows = await withSystem(harness.db, (tx) =>
    tx.select({ id: tables.events.eventId }).from(tables.events).where(eq(tables.events.orgId, harness.orgId)),
  );
  expect(rows).toHaveLength(keys.length + early.length);
}, 300_000);
