import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { tables, withSystem } from '@everwave/schema/db';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createHarness, eventNames, eventually, type Harness, type RunUnderTest } from './harness.ts';

// The real api and the real worker, in processes that are killed with SIGKILL between taking an event and bringing it.

const programs = { api: '../../api/src/main.ts', worker: '../src/main.ts' } as const;
const children = new Set<ChildProcess>();
const apiKey = `ew_${randomBytes(32).toString('base64url')}`;
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities: {}, withoutWorker: true });
  await withSystem(harness.db, (tx) =>
    tx.insert(tables.apiKeys).values({
      id: 'key_1',
      name: 'Shop',
      key: createHash('sha256').update(apiKey).digest('base64url'),
      start: apiKey.slice(0, 7),
      referenceId: harness.orgId,
      metadata: JSON.stringify({ role: 'operator' }),
    }),
  );
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await harness.close();
});

const start = (name: keyof typeof programs): ChildProcess => {
  const child = spawn(process.execPath, [fileURLToPath(new URL(programs[name], import.meta.url))], {
    env: { PATH: process.env['PATH'], ...harness.variables, EVERWAVE_API_PORT: '0', EVERWAVE_LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  return child;
};
const kill = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGKILL');
  await once(child, 'exit');
  children.delete(child);
};

/** Where an api answers, once it is up. */
const addressOf = (api: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    api.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const url = /"url":"(http:\/\/[^"]+)"/.exec(text)?.[1];
      if (url) resolve(url);
    });
  });

const send = async (url: string, keys: readonly string[]): Promise<void> => {
  const events = keys.map((key) => ({ id: `pay ${key}`, name: 'order.paid', correlationKey: key, data: { key } }));
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body: JSON.stringify({ events }),
  });
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
  let worker = start('worker');
  const runs = await startRuns(keys);
  await untilRegistered(runs);
  await kill(worker);

  let api = start('api');
  await send(await addressOf(api), keys);
  await kill(api);
  worker = start('worker');
  for (let round = 0; round < 3; round += 1) {
    api = start('api');
    await addressOf(api);
    await new Promise((resolve) => setTimeout(resolve, 150 * round));
    await kill(api);
  }
  await kill(worker);
  [worker, api] = [start('worker'), start('api')];
  // A sender that has heard nothing sends again.
  await send(await addressOf(api), keys.toReversed());
  await expectEachOnce(runs, keys);

  // Early ones: taken before any run waits for them, by an api that is killed at once.
  const early = Array.from({ length: 12 }, (_, index) => `early-${index}`);
  await kill(api);
  api = start('api');
  await send(await addressOf(api), early);
  await kill(api);
  const later = await startRuns(early);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await kill(worker);
  [worker, api] = [start('worker'), start('api')];
  await expectEachOnce(later, early);

  const rows = await withSystem(harness.db, (tx) =>
    tx.select({ id: tables.events.eventId }).from(tables.events).where(eq(tables.events.orgId, harness.orgId)),
  );
  expect(rows).toHaveLength(keys.length + early.length);
}, 300_000);
