import { describe, expect, it } from 'vitest';
import type { Json } from '@everwave/schema/flow';
import { useChatNode } from '../../../testing/describe-chat-node.ts';
import { openai } from '../../../testing/model-vendors.ts';
import { provesEveryFailure } from '../../../testing/proves-every-failure.ts';
import { createEmbeddings } from './activity.ts';

provesEveryFailure(createEmbeddings);

interface Embedded {
  readonly items: readonly { readonly text: string; readonly vector: readonly number[] }[];
  readonly dimensions: number;
  readonly usage: { readonly inputTokens: number };
  readonly costUsd: number;
}

/** Of unit vectors, the cosine. */
const nearness = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);

describe('openai.createEmbeddings', () => {
  const bench = useChatNode(createEmbeddings, openai);
  const run = (input: { readonly [field: string]: Json }, options = {}) => bench.node.run(input, options);
  const embed = async (input: { readonly [field: string]: Json }): Promise<Embedded> => {
    const ending = await run(input, { request: { path: JSON.stringify(input) } });
    if (!ending.ok) throw ending.error;
    return ending.output as unknown as Embedded;
  };
  const fault = (status: number, body: string) =>
    bench.fake.faults.add({ path: '/v1/embeddings', status, headers: { 'content-type': 'application/json' }, body });

  it('gives each text its vector, in order', async () => {
    const { items, dimensions } = await embed({ texts: ['one parcel', 'two invoices', 'one parcel'] });
    expect(items.map(({ text }) => text)).toEqual(['one parcel', 'two invoices', 'one parcel']);
    expect(items.map(({ vector }) => vector.length)).toEqual([1536, 1536, 1536]);
    expect(dimensions).toBe(1536);
    expect(items[0]?.vector).toEqual(items[2]?.vector);
    expect(items[0]?.vector).not.toEqual(items[1]?.vector);
    expect(nearness(items[0]?.vector ?? [], items[0]?.vector ?? [])).toBeCloseTo(1, 5);
  });

  it('finds the nearest neighbour of a question among texts that were stored with their vectors', async () => {
    const stored = (
      await embed({
        texts: [
          'The parcel arrived wet and the box was torn.',
          'My invoice shows the wrong amount of tax.',
          'How do I change the password of my account?',
          'The driver left the parcel at a neighbour without a note.',
        ],
        dimensions: 256,
      })
    ).items;
    const nearestTo = async (question: string) => {
      const [asked] = (await embed({ texts: [question], dimensions: 256 })).items;
      return stored.toSorted(
        (one, other) => nearness(other.vector, asked?.vector ?? []) - nearness(one.vector, asked?.vector ?? []),
      )[0]?.text;
    };
    expect(await nearestTo('Why is the tax amount on this invoice wrong?')).toContain('invoice');
    expect(await nearestTo('I forgot the password of my account')).toContain('password');
    expect(await nearestTo('the box arrived torn and wet')).toContain('wet');
  });

  it('sends model and dimensions as they were set, and meters tokens and USD', async () => {
    const { usage, costUsd } = await embed({
      texts: ['a'.repeat(4000)],
      model: 'text-embedding-3-large',
      dimensions: 8,
    });
    expect(bench.fake.calls[0]?.body).toMatchObject({ model: 'text-embedding-3-large', dimensions: 8 });
    expect(usage).toEqual({ inputTokens: 1000 });
    expect(costUsd).toBeCloseTo((1000 * 0.13) / 1_000_000, 10);
    expect(bench.meters()).toEqual({ inputTokens: 1000, cachedInputTokens: 0, outputTokens: 0, costUsd });
  });

  it('does not pay a second time for vectors that it has', async () => {
    const first = await run({ texts: ['once'], dimensions: 8 });
    expect(await run({ texts: ['once'], dimensions: 8 }, { attempt: 2 })).toEqual(first);
    expect(bench.fake.calls).toHaveLength(1);
  });

  it.each([
    ['a wrong key', 'credential_refused', () => bench.connect({ key: 'sk-canary-8d7c6b5a' }), {}],
    ['a model nobody has', 'unknown_model', () => {}, { model: 'text-embedding-9' }],
    ['a text that is too long', 'context_too_long', () => {}, { texts: ['word '.repeat(8000)] }],
    ['an empty account', 'quota_exhausted', () => fault(openai.outOfMoney.status, openai.outOfMoney.body), {}],
    ['too many dimensions', 'invalid_request', () => {}, { dimensions: 5000 }],
    ['a cap that is too low', 'cost_cap_exceeded', () => {}, { maxCostUsd: 0.000000001 }],
    ['a cap without a price', 'price_unknown', () => {}, { model: 'text-embedding-9', maxCostUsd: 1 }],
    ['more than a step may return', 'too_many_texts', () => {}, { texts: Array.from({ length: 100 }, () => 'a') }],
  ])('ends for good on %s: %s', async (_what, type, arrange, changes) => {
    arrange();
    const ending = await run({ texts: ['hello'], ...(changes as { readonly [field: string]: Json }) });
    expect(ending).toMatchObject({ type, retryable: false });
    expect(JSON.stringify([ending, bench.node.ports.lines])).not.toContain('canary');
  });

  it.each([
    [529, 'overloaded'],
    [500, 'provider_error'],
  ])('tries again after a %i', async (status, type) => {
    fault(status, '');
    expect(await run({ texts: ['hello'] })).toMatchObject({ type, retryable: true });
    expect(await run({ texts: ['hello'] }, { attempt: 2 })).toMatchObject({ ok: true });
  });

  it('takes vectors that do not match the texts for the vendor’s error', async () => {
    const usage = { prompt_tokens: 2, total_tokens: 2 };
    fault(200, JSON.stringify({ object: 'list', data: [], model: 'text-embedding-3-small', usage }));
    expect(await run({ texts: ['hello'] })).toMatchObject({
      type: 'provider_error',
      message: '0 vectors came back for 1 texts.',
    });
  });

  it('comes back when the vendor said after a long 429', async () => {
    bench.fake.faults.add({ path: '/v1/embeddings', status: 429, headers: { 'retry-after': '30' } });
    expect(await run({ texts: ['hello'] })).toMatchObject({ type: 'Deferred' });
  });
});
