import { describe, expect, it, onTestFinished } from 'vitest';
import { createNodeHarness, type Ending, type NodeHarness } from '../testing/run-node.ts';
import { sampleNode } from '../testing/sample-node.ts';
import { implementNode, type NodeImplementation, type Safety } from './implement-node.ts';
import { StoreUnavailable } from './node-errors.ts';
import type { EffectLedger } from './ports.ts';

const nobody = { by: 'nobody', duplicates: 'Twice.' } as const;
const text = { text: 'hello' };
const away = () => Promise.reject(new StoreUnavailable('The database did not answer.'));

const harnessFor = (safety: Safety, run: NodeImplementation['run'], more: object = {}): NodeHarness => {
  const node = implementNode(sampleNode(nobody), { safetyOf: () => safety, run: run as never, ...more });
  const harness = createNodeHarness(node);
  onTestFinished(() => harness.close());
  return harness;
};
const expectDeferred = (ending: Ending): void => {
  expect(ending).toMatchObject({
    type: 'Deferred',
    retryable: false,
    details: { reason: 'The database did not answer.' },
  });
  expect(ending.ok ? 0 : (ending.details.until ?? 0)).toBeGreaterThan(Date.now());
};

describe('while the platform’s own store is away', () => {
  it('an attempt that could not look up its connection is none', async () => {
    let calls = 0;
    const harness = harnessFor(nobody, async () => ({ id: String((calls += 1)) }));
    harness.connect({ kind: 'slack.bot', settings: {}, secret: { botToken: 'token' } });
    expectDeferred(await harness.run(text, { ports: { connections: { find: away } } }));
    expect([calls, harness.effect()]).toEqual([0, undefined]);
    expect(await harness.run(text)).toMatchObject({ ok: true, output: { id: '1' } });
  });

  it('an attempt that could not note its intent has not acted, and acts once later', async () => {
    let calls = 0;
    const harness = harnessFor(nobody, async () => ({ id: String((calls += 1)) }));
    const effects: EffectLedger = { ...harness.ports.effects, begin: away };
    expectDeferred(await harness.run(text, { ports: { effects } }));
    expectDeferred(await harness.run(text, { ports: { effects } }));
    expect(calls).toBe(0);
    expect(await harness.run(text)).toMatchObject({ ok: true, output: { id: '1' } });
  });

  it('an intent that was noted although the answer got lost is asked about, not repeated', async () => {
    let calls = 0;
    const harness = harnessFor(nobody, async () => ({ id: String((calls += 1)) }));
    const begin = harness.ports.effects.begin.bind(harness.ports.effects);
    const effects: EffectLedger = {
      ...harness.ports.effects,
      begin: async (intent, claim) => {
        await begin(intent, claim);
        return away();
      },
    };
    expectDeferred(await harness.run(text, { ports: { effects } }));
    expect(harness.effect()).toMatchObject({ state: 'sent' });
    expect(await harness.run(text)).toMatchObject({ type: 'effect_unsure', details: { unsure: true } });
    expect(calls).toBe(0);
  });

  it('an attempt that could not announce its sending has not sent', async () => {
    let sent = 0;
    const run: NodeImplementation['run'] = async (step) => {
      await step.sending();
      return { id: String((sent += 1)) };
    };
    const harness = harnessFor(nobody, run, { announcesSending: true });
    const effects: EffectLedger = { ...harness.ports.effects, markSent: away };
    expectDeferred(await harness.run(text, { ports: { effects } }));
    expect([sent, harness.effect()?.state]).toEqual([0, 'intent']);
    expect(await harness.run(text)).toMatchObject({ ok: true, output: { id: '1' } });
  });

  it('an attempt that had begun to act is never called none: without a way to tell, a person is asked', async () => {
    const run: NodeImplementation['run'] = (step) => step.once('note', () => Promise.resolve({ id: '1' }));
    const checkpoints = { find: away, save: away };
    const asked = harnessFor(nobody, run);
    expect(await asked.run(text, { ports: { checkpoints } })).toMatchObject({
      type: 'effect_unsure',
      retryable: false,
      details: { unsure: true },
    });
    expect(asked.effect()?.state).toBe('unsure');

    const safe = harnessFor({ by: 'checkpoint' }, run);
    expectDeferred(await safe.run(text, { ports: { checkpoints } }));
    expect(await safe.run(text)).toMatchObject({ ok: true, output: { id: '1' } });
  });

  it('what was made, and perhaps paid for, is not made again because keeping it needed a second try', async () => {
    let made = 0;
    let saves = 0;
    const run: NodeImplementation['run'] = (step) => step.once('reply', async () => ({ id: String((made += 1)) }));
    const harness = harnessFor({ by: 'checkpoint' }, run);
    const { checkpoints } = harness.ports;
    const save: typeof checkpoints.save = (...parts) => ((saves += 1) < 3 ? away() : checkpoints.save(...parts));
    const flaky = { find: checkpoints.find.bind(checkpoints), save };
    expect(await harness.run(text, { ports: { checkpoints: flaky } })).toMatchObject({ ok: true, output: { id: '1' } });
    expect([made, saves]).toEqual([1, 3]);
  });

  it('an effect that took place counts, though it could not be confirmed', async () => {
    let calls = 0;
    const harness = harnessFor(nobody, async () => ({ id: String((calls += 1)) }));
    const effects: EffectLedger = { ...harness.ports.effects, confirm: away };
    expect(await harness.run(text, { ports: { effects } })).toMatchObject({ ok: true, output: { id: '1' } });
    expect(await harness.run(text, { attempt: 2 })).toMatchObject({ type: 'effect_unsure' });
    expect(calls).toBe(1);
  });
});

it('a message is cut between characters, not inside one', async () => {
  const harness = harnessFor({ by: 'nature' }, () => Promise.reject(new Error(`${'x'.repeat(1998)}😀😀`)));
  const ending = await harness.run(text);
  expect(ending.ok ? '' : ending.message).toBe(`${'x'.repeat(1998)}…`);
});
