import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createActivities } from '@everwave/activities/worker';
import { tables, withOrg } from '@everwave/schema/db';
import type { Json, Plan } from '@everwave/schema/flow';
import { createDataConverter } from '@everwave/temporal/data-converter';
import { additionalData } from '@everwave/temporal/encryption';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { withBatches } from '../../schema/src/interpreter/testing/with-batches.ts';
import { createHistoryDecoder } from '../src/reconciler/decode-history.ts';
import { createActivityDependencies } from '../src/stores/activity-dependencies.ts';
import { createFakeActivities } from './fake-activities.ts';
import { startForkOf } from './fork-of.ts';
import { createHarness, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';
import { comparable, dropProjection, reconcile } from './rebuild.ts';

const canary = 'canary-of-a-variable-81d2';
const { activities, seen } = createFakeActivities();
const requests: { readonly authorization: string | undefined; readonly body: string }[] = [];
let service: Server;
let url: string;
let harness: Harness;

beforeAll(async () => {
  service = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      const { authorization } = request.headers;
      requests.push({ authorization, body });
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ you: authorization }));
    });
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const { port } = service.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/`;
  harness = await createHarness({
    activities: (tools) => ({
      ...createActivities(createActivityDependencies({ ...tools, egressAllow: [`127.0.0.1:${port}`] })),
      ...activities,
    }),
  });
});
beforeEach(() => void requests.splice(0));
afterAll(async () => {
  await harness.close();
  await new Promise((resolve) => service.close(resolve));
});

const setSecret = async (name: string, value: string | null): Promise<void> => {
  const { db, ring, orgId } = harness;
  const valueSealed = await ring.sealJson(orgId, value, additionalData.variableValue(orgId, name));
  await withOrg(db, orgId, async (tx) => {
    await tx.delete(tables.variables).where(eq(tables.variables.name, name));
    if (value !== null) {
      await tx.insert(tables.variables).values({ orgId, name, type: 'secret', valueSealed, updatedBy: 'Ada' });
    }
  });
};
const echo = (input: Json) => anAction({ activity: 'test.echo@1', input });
const inputsOf = ({ runId }: RunUnderTest) =>
  seen.calls.filter((call) => call.runId === runId).map(({ input }) => input);
const env = { ZONE: 'eu', LIMITS: { most: 7 } };

describe('the variables that a run begins with', () => {
  const plan = aPlan({
    steps: { first: echo('{{ env.ZONE }}'), second: echo('{{ env.LIMITS.most + 1 }}') },
    edges: ['start -> first', 'first -> second'],
  });

  it('are read by its steps, and stay through a new history', async () => {
    const run = await harness.start(plan, { env, historyLimit: 5 });
    await untilStatus(run, 'succeeded');
    expect(inputsOf(run)).toEqual(['eu', 8]);
  });

  it('are those of a fork', async () => {
    const origin = await harness.start(plan, { env });
    await untilStatus(origin, 'succeeded');
    const fork = await startForkOf(harness, origin, { at: 'second' });
    const written = await untilStatus(fork, 'succeeded');
    expect(inputsOf(fork)).toEqual([8]);
    await dropProjection(harness, fork);
    expect(await reconcile(harness, fork)).toBe('equal');
    expect(comparable(await fork.projection())).toEqual(comparable(written));
  });

  it('are those that a sub-flow names, and stand in its row', async () => {
    const inner: Plan = { ...plan, flowId: 'flow_2', title: 'Inner', variables: { ZONE: 'value', LIMITS: 'value' } };
    const ship = {
      type: 'subflow' as const,
      plan: inner,
      planHash: 'other',
      trigger: { stepId: 'start', kind: 'trigger.manual' },
      input: null,
      mode: 'wait' as const,
    };
    const outer = aPlan({ steps: { ship }, edges: ['start -> ship'] });
    const run = await harness.start(outer, { env: { ...env, OTHER: 'not for it' } });
    await untilStatus(run, 'succeeded');
    const child = harness.child(run, 'ship');
    await untilStatus(child, 'succeeded');
    expect(inputsOf(child)).toEqual(['eu', 8]);
    const { db, ring, orgId } = harness;
    const [row] = await withOrg(db, orgId, (tx) =>
      tx.select().from(tables.runs).where(eq(tables.runs.id, child.runId)),
    );
    const sealed = row?.variablesSealed ?? new Uint8Array();
    expect(await ring.openJson(orgId, sealed, additionalData.runVariables(child.runId))).toEqual(env);
  });

  it('are those of its batches, and of the sub-flows in these', async () => {
    const inner: Plan = {
      ...aPlan({ steps: { send: echo('{{ env.ZONE }}') }, edges: ['start -> send'] }),
      flowId: 'flow_2',
      variables: { ZONE: 'value' },
    };
    const loop = withBatches(
      aPlan({
        steps: {
          each: {
            type: 'forEach',
            items: [0, 1, 2, 3],
            concurrency: 2,
            onItemFailure: 'park',
            result: '{{ env.ZONE }}',
          },
          ship: {
            type: 'subflow',
            plan: inner,
            planHash: 'other',
            trigger: { stepId: 'start', kind: 'trigger.manual' },
            input: null,
            mode: 'wait',
          },
          done: { type: 'return', output: '{{ steps.each.output }}' },
        },
        edges: ['start -> each', 'each -> done'],
        frames: { each: ['ship'] },
      }),
      2,
    );
    const run = await harness.start(loop, { env });
    expect((await run.result()).output).toMatchObject({ results: ['eu', 'eu', 'eu', 'eu'] });
    await untilStatus(run, 'succeeded');
    for (const index of [0, 3]) expect(inputsOf(harness.child(run, `each[${index}].ship`))).toEqual(['eu']);
  });
});

describe('a secret variable', () => {
  const placeholder = '{{ env.TOKEN }}';
  const sending = (lane: 'durable' | 'express' = 'durable'): Plan =>
    aPlan({
      steps: {
        send: anAction({
          activity: 'http.request@1',
          lane,
          options: retrying(1),
          idempotency: 'nature',
          effect: 'reads',
          input: {
            method: 'POST',
            url,
            headers: { authorization: `Bearer ${placeholder}` },
            body: { forged: '{{ trigger.text }}' },
          },
          secrets: [{ path: ['headers', 'authorization'], names: ['TOKEN'] }],
        }),
        done: { type: 'return', output: '{{ steps.send.output.body }}' },
      },
      edges: ['start -> send', 'send -> done'],
    });
  const options = { env: { TOKEN: placeholder }, trigger: { text: placeholder } };

  /** Everything in its history, opened. */
  const openedHistory = async ({ handle, workflowId }: RunUnderTest): Promise<string> => {
    const { events } = await handle.fetchHistory();
    const converter = createDataConverter({ ring: harness.ring, withoutOrg: 'refuse' });
    const decoder = createHistoryDecoder(converter, harness.namespace, workflowId);
    const found = (events ?? []).map(async (event) => [
      await decoder.first(event.workflowExecutionStartedEventAttributes?.input),
      await decoder.first(event.activityTaskScheduledEventAttributes?.input),
      await decoder.first(event.activityTaskCompletedEventAttributes?.result),
      await decoder.first(event.workflowExecutionCompletedEventAttributes?.result),
    ]);
    return JSON.stringify(await Promise.all(found));
  };

  it.each(['durable', 'express'] as const)(
    'reaches the service where its name stood and nowhere else, in the %s lane, and stays out of everything recorded',
    async (lane) => {
      await setSecret('TOKEN', canary);
      const run = await harness.start(sending(lane), options);
      const { steps } = await untilStatus(run, 'succeeded');
      expect(requests).toEqual([{ authorization: `Bearer ${canary}`, body: JSON.stringify({ forged: placeholder }) }]);
      expect((await run.result()).output).toEqual({ you: 'Bearer [secret]' });
      const [send] = steps.filter(({ path }) => path === 'send');
      expect(send?.input).toMatchObject({ headers: { authorization: `Bearer ${placeholder}` } });
      expect(JSON.stringify(steps)).not.toContain(canary);
      const history = await openedHistory(run);
      expect(history).toContain('Bearer {{ env.TOKEN }}');
      expect(history).not.toContain(canary);
    },
  );

  it('that is gone fails its step by name, which goes on once it is there', async () => {
    await setSecret('TOKEN', null);
    const run = await harness.start(sending(), options);
    const { steps } = await untilStatus(run, 'needs_attention');
    expect(steps.find(({ path }) => path === 'send')?.failure).toMatchObject({ name: 'variable_missing' });
    expect(requests).toEqual([]);
  });
});
