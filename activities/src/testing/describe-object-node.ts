import type { Json } from '@everwave/schema/flow';
import { describe, expect, it } from 'vitest';
import type { NodeImplementation } from '../runtime/implement-node.ts';
import { useChatNode } from './describe-chat-node.ts';
import type { VendorForTests } from './model-vendors.ts';

/** What every node that asks for data promises. The schema wants `topic` (delivery or billing) and `summary`. */
export const describeObjectNode = (
  implementation: unknown,
  vendor: VendorForTests,
  input: { readonly prompt: string; readonly schema: { readonly [keyword: string]: Json } },
): void => {
  const { kind } = (implementation as NodeImplementation).definition;
  const good = '{"topic": "billing", "summary": "The invoice is wrong."}';
  const malformed = '{"topic": "billing", ';
  const misfit = '{"topic": "weather"}';

  describe(`${kind}, as every node that asks for data,`, () => {
    const bench = useChatNode(implementation, vendor);

    it('answers with a value that fits the schema', async () => {
      expect(await bench.node.run(input)).toMatchObject({
        ok: true,
        output: { object: { summary: 'In short: The parcel arrived wet.' }, repaired: false },
      });
      expect(bench.fake.calls).toHaveLength(1);
    });

    it.each([
      ['is no JSON', malformed, 'it is no JSON'],
      ['does not fit', misfit, 'topic is none of "delivery", "billing"'],
      ['is empty', '', 'it is no JSON'],
    ])('sends a reply that %s back once, with the reasons', async (_what, text, reason) => {
      bench.fake.script.add({ text });
      bench.fake.script.add({ text: good });
      const ending = await bench.node.run(input);
      expect(ending).toMatchObject({ output: { object: { topic: 'billing' }, repaired: true } });
      expect(bench.fake.calls).toHaveLength(2);
      expect(JSON.stringify(bench.fake.calls[1]?.body['messages'])).toContain(JSON.stringify(reason).slice(1, -1));
      // Both turns are paid for, and both are counted.
      const { usage, costUsd } = (ending.ok ? ending.output : {}) as { usage: object; costUsd: number };
      expect(bench.meters()).toMatchObject(usage);
      expect(bench.meters()['costUsd']).toBeCloseTo(costUsd, 10);
    });

    it('fails by name after the second bad reply, and never asks a third time', async () => {
      bench.fake.script.add({ text: malformed });
      bench.fake.script.add({ text: misfit });
      expect(await bench.node.run(input)).toMatchObject({
        type: 'invalid_output',
        retryable: false,
        message: expect.stringContaining('topic is none of "delivery", "billing"; summary is missing') as string,
      });
      expect(bench.fake.calls).toHaveLength(2);
      expect(bench.node.ports.readings.find(({ meter }) => meter === 'outputTokens')?.amount).toBeGreaterThan(0);
    });

    it('goes on with the repair when a person retries, without paying for the first reply again', async () => {
      bench.fake.script.add({ text: malformed });
      bench.fake.script.add({ text: malformed });
      await bench.node.run(input);
      bench.fake.script.add({ text: good });
      expect(await bench.node.run(input, { request: { ordinal: 2 } })).toMatchObject({ output: { repaired: true } });
      expect(bench.fake.calls).toHaveLength(3);
      expect(bench.fake.calls[2]?.body['messages']).toEqual(bench.fake.calls[1]?.body['messages']);
    });

    it('goes on with the repair when the vendor fell over between the two turns', async () => {
      bench.fake.script.add({ text: malformed });
      bench.fake.script.add({ text: malformed, errorType: 'overloaded_error' });
      expect(await bench.node.run(input)).toMatchObject({ type: 'overloaded', retryable: true });
      bench.fake.script.add({ text: good });
      expect(await bench.node.run(input, { attempt: 2 })).toMatchObject({ output: { repaired: true } });
      expect(bench.fake.calls).toHaveLength(3);
    });

    it('fails by name when the token limit cut it short', async () => {
      bench.fake.script.add({ text: good, truncated: true });
      expect(await bench.node.run(input)).toMatchObject({ type: 'truncated', retryable: false });
      expect(bench.fake.calls).toHaveLength(1);
    });

    it('does not start a repair that would be over the cap', async () => {
      bench.fake.script.add({ text: malformed.padEnd(8000, ' ') });
      const limits = { model: vendor.models.usual, maxTokens: 2000, maxCostUsd: 0.0013 };
      expect(await bench.node.run({ ...input, ...limits })).toMatchObject({
        type: 'cost_cap_exceeded',
        message: expect.stringMatching(
          /over the cap of \$0\.0013, of which \$0\.\d+ is spent\. The repair was not sent\.$/,
        ) as string,
      });
      expect(bench.fake.calls).toHaveLength(1);
    });

    it('names the place of a schema it does not know, before anything is sent', async () => {
      const schema = { type: 'object', properties: { topic: { $ref: '#/$defs/topic' } } };
      expect(await bench.node.run({ ...input, schema })).toMatchObject({
        type: 'unsupported_schema',
        message: expect.stringContaining('#/properties/topic') as string,
      });
      expect(bench.fake.calls).toHaveLength(0);
    });
  });
};
