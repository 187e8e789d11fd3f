import type { Json } from '@everwave/schema/flow';
import type { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NodeImplementation } from '../runtime/implement-node.ts';
import { testConnection } from '../test-connection.ts';
import { connectionId, createNodeHarness, orgId, type NodeHarness } from './run-node.ts';
import type { VendorForTests } from './model-vendors.ts';

/** A chat node against its vendor's fake. */
export interface ChatNodeBench {
  readonly fake: Awaited<ReturnType<VendorForTests['start']>>;
  readonly node: NodeHarness;
  /** What the step's meters say, by name, summed over attempts. */
  meters(): Readonly<Record<string, number>>;
  connect(changes?: { readonly key?: string; readonly settings?: { readonly [name: string]: Json } }): void;
}

/** Gives each test a fresh node that is connected to the vendor's fake. */
export const useChatNode = (implementation: unknown, vendor: VendorForTests): ChatNodeBench => {
  const bench = {} as { -readonly [Field in keyof ChatNodeBench]: ChatNodeBench[Field] };
  beforeAll(async () => {
    bench.fake = await vendor.start();
  });
  beforeEach(() => {
    bench.fake.reset();
    const node = createNodeHarness(implementation, { allow: [`127.0.0.1:${bench.fake.port}`] });
    bench.node = node;
    bench.meters = () => {
      const sums: Record<string, number> = {};
      for (const { meter, amount } of node.ports.readings) sums[meter] = (sums[meter] ?? 0) + amount;
      return sums;
    };
    bench.connect = ({ key = vendor.key, settings = {} } = {}) =>
      node.connect({
        kind: vendor.credential,
        settings: { baseUrl: vendor.baseUrl(bench.fake), ...settings },
        secret: { apiKey: key },
      });
    bench.connect();
    return () => node.close();
  });
  afterAll(() => bench.fake.close());
  return bench;
};

/**
 * What every node that asks a language model promises, whichever vendor and whatever it asks for. `input` is a good one.
 */
export const describeChatNode = (
  implementation: unknown,
  vendor: VendorForTests,
  input: { readonly prompt: string },
) => {
  const { kind } = (implementation as NodeImplementation).definition;
  describe(`${kind}, as every chat node,`, () => {
    const bench = useChatNode(implementation, vendor);
    const { models, path } = vendor;
    const run = (changes: { readonly [field: string]: Json } = {}, options = {}) =>
      bench.node.run({ ...input, ...changes } as Json, options);

    it('takes the default model of the models file, and the connection’s in its place', async () => {
      expect(await run()).toMatchObject({
        ok: true,
        output: { model: `${models.usual}-demo`, modelReason: 'The default of the models file.' },
      });
      bench.connect({ settings: { defaultModel: models.dear } });
      expect(await run({}, { request: { path: 'b' } })).toMatchObject({
        output: { model: `${models.dear}-demo`, modelReason: 'The connection’s default.' },
      });
      expect(await run({ model: models.tempered }, { request: { path: 'c' } })).toMatchObject({
        output: { model: `${models.tempered}-demo`, modelReason: 'The step names it.' },
      });
    });

    it('takes another default from another models file, without a change of code', async () => {
      const { ports } = bench.node;
      const chat = { openai: models.dear, anthropic: models.dear };
      const edited = { ...ports.models, defaults: { ...ports.models.defaults, chat } };
      expect(await run({}, { ports: { models: edited } })).toMatchObject({ output: { model: `${models.dear}-demo` } });
    });

    it('sends model, temperature, token limit and instructions as they were set', async () => {
      const settings = { model: models.tempered, temperature: 0.25, maxTokens: 321, system: 'Be brief.' };
      expect(await run(settings)).toMatchObject({ ok: true });
      const body = bench.fake.calls[0]?.body ?? {};
      expect(body).toMatchObject({ model: models.tempered, temperature: 0.25 });
      const { maxTokens, system } = vendor.sent(body);
      expect(maxTokens).toBe(321);
      expect(system).toMatch(/^Be brief\./);
    });

    it('sends no temperature that nobody set', async () => {
      await run();
      expect(bench.fake.calls[0]?.body).not.toHaveProperty('temperature');
      expect(vendor.sent(bench.fake.calls[0]?.body ?? {}).maxTokens).toBe(4096);
    });

    it('meters what the vendor counted, and its price', async () => {
      bench.fake.script.add({ cachedTokens: 2 });
      const ending = await run({ model: models.dear });
      const { usage, costUsd } = (ending.ok ? ending.output : {}) as {
        usage: { inputTokens: number; cachedInputTokens: number; outputTokens: number };
        costUsd: number;
      };
      expect(usage.cachedInputTokens).toBe(2);
      expect(bench.meters()).toEqual({ ...usage, costUsd });
      const price = bench.node.ports.models.models.find(({ id }) => id === models.dear)?.prices[0];
      const { input: rate = 0, cachedInput = 0, output = 0 } = price ?? {};
      const expected = ((usage.inputTokens - 2) * rate + 2 * cachedInput + usage.outputTokens * output) / 1_000_000;
      expect(costUsd).toBeCloseTo(expected, 9);
      expect(costUsd).toBeGreaterThan(0);
    });

    it('says in its log which model ran and why, and nothing of what was said', async () => {
      await run({ prompt: 'Canary prompt 5f1e.' });
      expect(bench.node.ports.lines).toContainEqual({
        level: 'info',
        message: 'model answered',
        attributes: expect.objectContaining({
          model: `${models.usual}-demo`,
          reason: 'The default of the models file.',
        }) as unknown,
      });
      expect(JSON.stringify(bench.node.ports.lines)).not.toContain('Canary');
    });

    it('does not pay a second time for a reply that it has', async () => {
      const first = await run();
      expect(await run({}, { attempt: 2 })).toEqual(first);
      expect(bench.fake.calls).toHaveLength(1);
      expect(bench.node.ports.readings.filter(({ meter }) => meter === 'outputTokens')).toHaveLength(1);
    });

    describe('a cost cap', () => {
      it('refuses a call that may cost more, before anything is sent', async () => {
        const ending = await run({ model: models.dear, maxCostUsd: 0.001, maxTokens: 4000 });
        expect(ending).toMatchObject({ type: 'cost_cap_exceeded', retryable: false });
        expect(ending.ok ? '' : ending.message).toMatch(
          new RegExp(`^${models.dear} may cost up to \\$0\\.0\\d+, over the cap of \\$0\\.001\\. Nothing was sent\\.$`),
        );
        expect(bench.fake.calls).toHaveLength(0);
        expect(bench.meters()).toEqual({});
      });

      it('lets a cheaper model answer when the builder named one, and says so', async () => {
        const limits = { model: models.dear, maxCostUsd: 0.005, maxTokens: 4000 };
        const ending = await run({ ...limits, cheaperModel: models.usual });
        expect(ending).toMatchObject({ output: { model: `${models.usual}-demo` } });
        expect(JSON.stringify(ending)).toMatch(
          new RegExp(`The cheaper model: ${models.dear} may cost up to \\$0\\.\\d+, over the cap of \\$0\\.005\\.`),
        );
        expect(bench.fake.calls.map(({ body }) => body['model'])).toEqual([models.usual]);
      });

      it('refuses when the cheaper one is too dear as well, or the price is not known', async () => {
        const limits = { model: models.dear, maxCostUsd: 0.0000001, cheaperModel: models.usual };
        expect(await run(limits)).toMatchObject({ type: 'cost_cap_exceeded' });
        expect(await run({ model: models.tiny, maxCostUsd: 1 })).toMatchObject({
          type: 'price_unknown',
          retryable: false,
          message: `The models file has no price for ${models.tiny}, so the cap cannot be kept. Nothing was sent.`,
        });
        expect(bench.fake.calls).toHaveLength(0);
      });

      it('lets a call pass that stays below', async () => {
        expect(await run({ maxCostUsd: 1 })).toMatchObject({ ok: true });
      });
    });

    describe('when the vendor says no', () => {
      it('ends for good when the model declines, with its reason, and counts what was charged', async () => {
        bench.fake.script.add({ refusal: 'I will not help with that.' });
        expect(await run()).toMatchObject({
          type: 'refused',
          retryable: false,
          message: 'The model declined: I will not help with that.',
        });
        expect(bench.meters()).toMatchObject({ inputTokens: expect.any(Number) as number });
        expect(bench.fake.calls).toHaveLength(1);
      });

      it.each([
        ['a wrong key', 'credential_refused', () => bench.connect({ key: 'sk-canary-8d7c6b5a' }), {}],
        ['a model it does not have', 'unknown_model', () => {}, { model: 'nobody-1' }],
        [
          'a prompt that is too long',
          'context_too_long',
          () => {},
          { model: models.tiny, prompt: 'word '.repeat(200) },
        ],
        ['an empty account', 'quota_exhausted', () => fault(vendor.outOfMoney), {}],
        [
          'a setting it refuses',
          'invalid_request',
          () => fault({ status: 400, body: vendor.errorBody('invalid_request_error', 'top_k is not known.') }),
          {},
        ],
      ])('ends for good on %s: %s', async (_what, type, arrange, changes) => {
        arrange();
        const ending = await run(changes as { readonly [field: string]: Json });
        expect(ending).toMatchObject({
          ok: false,
          type,
          retryable: false,
          details: { advice: expect.any(String) as string },
        });
        expect(ending).not.toMatchObject({ details: { unsure: true } });
        expect(JSON.stringify([ending, bench.node.ports.lines])).not.toContain('canary');
      });

      it('does not send what the models file says the model cannot take', async () => {
        expect(await run({ temperature: 0.5 })).toMatchObject({ type: 'unsupported_setting', retryable: false });
        expect(await run({ maxTokens: 900_000 })).toMatchObject({ type: 'unsupported_setting' });
        expect(bench.fake.calls).toHaveLength(0);
      });

      it.each([
        [529, 'overloaded'],
        [503, 'overloaded'],
        [500, 'provider_error'],
        [502, 'provider_error'],
      ])('tries again after a %i, once per attempt', async (status, type) => {
        fault({ status, body: vendor.errorBody('api_error', 'Try later.'), times: 2 });
        expect(await run()).toMatchObject({ type, retryable: true, details: { name: type } });
        expect(await run({}, { attempt: 2 })).toMatchObject({ type, retryable: true });
        expect(await run({}, { attempt: 3 })).toMatchObject({ ok: true });
        expect(bench.fake.calls).toHaveLength(1);
      });

      it('waits at least as long as an overloaded vendor asks before the next attempt', async () => {
        fault({
          status: 529,
          headers: { 'retry-after': '17' },
          body: vendor.errorBody('overloaded_error', 'Overloaded'),
        });
        expect(await run()).toMatchObject({ type: 'overloaded', nextRetryDelay: 17_000 });
      });
    });

    describe('a 429', () => {
      const limited = (headers: Record<string, string>) =>
        fault({ status: 429, headers, body: vendor.errorBody('rate_limit_error', 'Slow down.') });

      it('is waited for inside the attempt when the wait is short', async () => {
        limited({ 'retry-after': '1' });
        const before = Date.now();
        expect(await run()).toMatchObject({ ok: true });
        expect(Date.now() - before).toBeGreaterThanOrEqual(950);
      });

      it('reads milliseconds too', async () => {
        limited({ 'retry-after-ms': '120', 'retry-after': '60' });
        expect(await run()).toMatchObject({ ok: true });
      });

      it('costs no attempt when the wait is long: it comes back when the vendor said', async () => {
        limited({ 'retry-after': '40' });
        const before = Date.now();
        const ending = await run();
        expect(ending).toMatchObject({ type: 'Deferred' });
        const until = ending.ok ? 0 : (ending.details.until ?? 0);
        expect(until).toBeGreaterThanOrEqual(before + 40_000);
        expect(until).toBeLessThan(before + 60_000);
        expect(bench.meters()).toEqual({});
      });
    });

    describe('a connection that fails', () => {
      it('is tried again when it breaks in the middle of a reply', async () => {
        bench.fake.script.add({ breakAfter: 3 });
        expect(await run()).toMatchObject({ type: 'connection_lost', retryable: true });
        // A repeat costs money and harms nothing: the error edge may have it, no person has to look.
        expect(await run({}, { attempt: 2 })).toMatchObject({ ok: true });
      });

      it('is tried again when the reply stops without its end', async () => {
        bench.fake.script.add({ withoutEnd: true });
        const ending = await run();
        expect(ending).toMatchObject({ type: 'connection_lost', retryable: true });
        expect(ending).not.toMatchObject({ details: { unsure: true } });
      });

      it('is tried again when it breaks before a word is said', async () => {
        fault({ how: 'reset' });
        expect(await run()).toMatchObject({ type: 'connection_lost', retryable: true });
      });

      it('does not come about where the egress guard forbids it', async () => {
        bench.connect({ settings: { baseUrl: 'http://169.254.169.254/v1' } });
        expect(await run()).toMatchObject({ type: 'address_refused', retryable: false });
      });

      it('is a vendor’s error when the stream is garbled, or reports one', async () => {
        bench.fake.script.add({ garbled: true });
        expect(await run()).toMatchObject({ type: 'provider_error', retryable: true });
        bench.fake.script.add({ errorType: 'api_error' });
        expect(await run()).toMatchObject({ type: 'provider_error', retryable: true });
        bench.fake.script.add({ errorType: 'overloaded_error' });
        expect(await run()).toMatchObject({ type: 'overloaded', retryable: true });
      });

      it('ends with the attempt’s time limit', async () => {
        fault({ how: 'hang' });
        const ending = await run({}, { startToCloseTimeoutMs: 400 });
        expect(ending).toMatchObject({ type: 'timed_out', retryable: true });
        expect(ending).not.toMatchObject({ details: { unsure: true } });
      });
    });

    it('shows signs of life while a long reply streams, and stops at once when cancelled', async () => {
      const text = 'word '.repeat(200);
      bench.fake.script.add({ text, pieceDelayMs: 25 });
      const beats: unknown[] = [];
      const before = Date.now();
      const ending = await run(
        {},
        {
          heartbeatTimeoutMs: 30_000,
          environment: (environment: MockActivityEnvironment) => {
            environment.on('heartbeat', (details: unknown) => {
              beats.push(details);
              if (beats.length === 8) environment.cancel('CANCELLED');
            });
          },
        },
      );
      expect(ending.ok).toBe(false);
      expect(beats.length).toBeGreaterThanOrEqual(8);
      // The whole reply takes five seconds.
      expect(Date.now() - before).toBeLessThan(3000);
    });

    it('tests its connection without asking the model anything', async () => {
      const test = (changes: Parameters<typeof bench.connect>[0]) => {
        bench.connect(changes);
        return testConnection(bench.node.ports, { orgId, connectionId }, AbortSignal.timeout(5000));
      };
      expect(await test({})).toEqual({
        ok: true,
        message: expect.stringMatching(/^127\.0\.0\.1:\d+ accepts the key and has \d+ models\.$/) as string,
      });
      expect(await test({ key: 'sk-wrong-key' })).toMatchObject({ ok: false, advice: 'Enter a new one.' });
      expect(await test({ settings: { defaultModel: 'nobody-1' } })).toMatchObject({
        ok: false,
        message: expect.stringContaining('accepts the key, but has no model nobody-1.') as string,
      });
      expect(await test({ settings: { baseUrl: `${bench.fake.url}/elsewhere` } })).toMatchObject({
        ok: false,
        advice: expect.stringMatching(/^Check the API address/) as string,
      });
      expect(bench.fake.calls).toHaveLength(0);
    });

    it('names the field of a bad input', async () => {
      expect(await run({ prompt: '' })).toMatchObject({ type: 'invalid_input' });
      expect(await run({ temperature: 3 })).toMatchObject({ type: 'invalid_input' });
      expect(await run({ maxTokens: 0 })).toMatchObject({ type: 'invalid_input' });
      expect(await run({ maxCostUsd: 0 })).toMatchObject({ type: 'invalid_input' });
    });

    const fault = (fault: Omit<Parameters<ChatNodeBench['fake']['faults']['add']>[0], 'path'>) =>
      bench.fake.faults.add({ path, headers: { 'content-type': 'application/json' }, ...fault });
  });
};
