import { fakeAnthropicKey, fakeOpenAiKey, startAnthropicFake, startOpenAiFake } from '@everwave/activities/fakes';
import type { AnthropicFake, OpenAiFake } from '@everwave/activities/fakes';
import { createActivities } from '@everwave/activities/worker';
import { tables, withOrg } from '@everwave/schema/db';
import type { Json } from '@everwave/schema/flow';
import { additionalData } from '@everwave/temporal/encryption';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createActivityDependencies } from '../src/stores/activity-dependencies.ts';
import { createHarness, type Harness, type RunUnderTest } from './harness.ts';
import { retrying } from './plans.ts';

let openai: OpenAiFake;
let anthropic: AnthropicFake;
let harness: Harness;
const ids = { openai: `conn_${'1'.repeat(32)}`, anthropic: `conn_${'2'.repeat(32)}` };

beforeAll(async () => {
  openai = await startOpenAiFake();
  anthropic = await startAnthropicFake();
  const egressAllow = [openai, anthropic].map(({ host, port }) => `${host}:${port}`);
  harness = await createHarness({
    activities: (tools) => createActivities(createActivityDependencies({ ...tools, egressAllow })),
  });
  const { db, ring, orgId } = harness;
  const connect = async (id: string, kind: string, baseUrl: string, apiKey: string) => {
    const secretSealed = await ring.sealJson(orgId, { apiKey }, additionalData.connectionSecret(orgId, id));
    const row = { id, orgId, kind, name: kind, settings: { baseUrl }, secretSealed };
    await withOrg(db, orgId, (tx) => tx.insert(tables.connections).values(row));
  };
  await connect(ids.openai, 'openai.api', `${openai.url}/v1`, fakeOpenAiKey);
  await connect(ids.anthropic, 'anthropic.api', anthropic.url, fakeAnthropicKey);
});
beforeEach(() => {
  openai.reset();
  anthropic.reset();
});
afterAll(async () => {
  await harness.close();
  await Promise.all([openai.close(), anthropic.close()]);
});

const asks = (activity: string, connectionId: string, input: { readonly [field: string]: Json }) =>
  anAction({ activity, connectionId, input, effect: 'spends', idempotency: 'checkpoint', options: retrying(3) });

interface Answer {
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
  readonly costUsd: number;
}

const metersOf = async ({ runId }: RunUnderTest): Promise<Readonly<Record<string, number>>> => {
  const { db, orgId } = harness;
  const rows = await withOrg(db, orgId, (tx) =>
    tx.select().from(tables.runMeters).where(eq(tables.runMeters.runId, runId)),
  );
  const sums: Record<string, number> = {};
  for (const { meter, amount } of rows) sums[meter] = (sums[meter] ?? 0) + Number(amount);
  return sums;
};

describe('a run that asks models', () => {
  it('meters every token it paid for once, through an overload and a wait that costs no attempt', async () => {
    openai.faults.add({ path: '/v1/chat', status: 529 });
    // The first reply is paid for; its repair has to wait longer than an attempt would.
    anthropic.script.add({ text: '{"topic": ' });
    anthropic.script.add({ retryAfter: '3' });

    const schema = { type: 'object', properties: { topic: { enum: ['delivery'] } }, required: ['topic'] };
    const run = await harness.start(
      aPlan({
        steps: {
          text: asks('openai.generateText@1', ids.openai, { prompt: '{{ trigger.letter }}' }),
          data: asks('anthropic.generateObject@1', ids.anthropic, { prompt: '{{ trigger.letter }}', schema }),
          done: { type: 'return', output: { text: '{{ steps.text.output }}', data: '{{ steps.data.output }}' } },
        },
        edges: ['start -> text', 'text -> data', 'data -> done'],
      }),
      { trigger: { letter: 'The parcel arrived wet. Nobody answers.' } },
    );
    const { status, output } = await run.result();
    expect(status).toBe('succeeded');
    const { text, data } = output as unknown as { text: Answer; data: Answer & { repaired: boolean } };
    expect(text).toMatchObject({ text: 'In short: The parcel arrived wet.' });
    expect(data).toMatchObject({ object: { topic: 'delivery' }, repaired: true });
    expect([openai.calls.length, anthropic.calls.length]).toEqual([1, 3]);

    const meters = await metersOf(run);
    expect(meters['inputTokens']).toBe(text.usage.inputTokens + data.usage.inputTokens);
    expect(meters['outputTokens']).toBe(text.usage.outputTokens + data.usage.outputTokens);
    expect(meters['costUsd']).toBeCloseTo(text.costUsd + data.costUsd, 10);
    expect(meters['costUsd']).toBeGreaterThan(0);
  });

  it('takes the error edge when a model declines, and when its vendor answers no more', async () => {
    openai.script.add({ refusal: 'I will not.' });
    anthropic.faults.add({ path: '/v1/messages', how: 'reset', times: 3 });
    const run = await harness.start(
      aPlan({
        steps: {
          text: asks('openai.generateText@1', ids.openai, { prompt: 'Do it.' }),
          other: asks('anthropic.generateText@1', ids.anthropic, { prompt: 'Then you.' }),
          done: { type: 'return', output: ['{{ steps.text.failure.name }}', '{{ steps.other.failure.name }}'] },
        },
        edges: ['start -> text', 'text:error -> other', 'other:error -> done'],
      }),
    );
    // A repeat costs money and harms nothing, so that a lost answer needs no person.
    expect(await run.result()).toMatchObject({ status: 'succeeded', output: ['refused', 'connection_lost'] });
    expect(openai.calls).toHaveLength(1);
  });
});
