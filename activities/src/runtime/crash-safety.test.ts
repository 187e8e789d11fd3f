import { describe, expect, it, onTestFinished } from 'vitest';
import { createNodeHarness, type Ending, type RunOptions } from '../testing/run-node.ts';
import { sampleNode } from '../testing/sample-node.ts';
import { implementNode, type Safety, type Step } from './implement-node.ts';
import type { EffectLedger } from './ports.ts';

/** Where the process dies. Everything before the point has committed; nothing after it ever runs. */
const points = [
  'after the intent, before the first byte',
  'after the provider committed, before its answer',
  'after the answer, before the ledger knows',
  'after the ledger knows, before Temporal does',
] as const;
type Point = (typeof points)[number];

const forever = <T>() => new Promise<T>(() => {});

/** A provider that keeps what it did, and the node that calls it; the first attempt dies at the point. */
const crashOnce = async (
  safety: Safety,
  point: Point | 'twice, before the answer',
): Promise<{ ending: Ending; done: string[] }> => {
  const done: string[] = [];
  let attempts = 0;
  const dies = (at: Point) => attempts === 1 && point === at;

  const act = async (step: Pick<Step<ReturnType<typeof sampleNode>>, 'idempotencyKey' | 'repeats' | 'once'>) => {
    if (dies('after the intent, before the first byte')) await forever();
    const id =
      safety.by === 'checkpoint'
        ? (await step.once('signed', async () => ({ id: `signed-${attempts}` }))).id
        : step.idempotencyKey;
    // What the provider itself promises: a key or signed bytes count once, setting a value is setting it.
    const folds = safety.by === 'provider-key' || safety.by === 'checkpoint' || safety.by === 'nature';
    if (!folds || !done.includes(id)) done.push(id);
    if (dies('after the provider committed, before its answer')) await forever();
    if (point === 'twice, before the answer' && attempts <= 2) await forever();
    return { id, repeated: step.repeats };
  };
  const node =
    safety.by === 'lookup'
      ? implementNode(sampleNode({ by: 'lookup' }), {
          findEarlier: async (step) => (done.includes(step.idempotencyKey) ? { id: step.idempotencyKey } : null),
          run: act,
        })
      : implementNode(sampleNode({ by: 'nobody', duplicates: 'Twice.' }), { safetyOf: () => safety, run: act });

  const harness = createNodeHarness(node);
  onTestFinished(() => harness.close());
  const ledger = harness.ports.effects;
  const dyingLedger: EffectLedger = {
    ...ledger,
    confirm: (...call) => (dies('after the answer, before the ledger knows') ? forever() : ledger.confirm(...call)),
  };
  const attempt = (options: RunOptions = {}) => {
    attempts += 1;
    return harness.run({ text: 'hello' }, { attempt: attempts, ports: { effects: dyingLedger }, ...options });
  };

  if (point === 'after the ledger knows, before Temporal does') await attempt();
  else await Promise.race([attempt(), new Promise((resolve) => setTimeout(resolve, 20))]);
  if (point === 'twice, before the answer') {
    await Promise.race([attempt(), new Promise((resolve) => setTimeout(resolve, 20))]);
  }
  return { ending: await attempt(), done };
};

describe('a worker that dies during an effect', () => {
  const safeKinds: readonly Safety[] = [
    { by: 'nature' },
    { by: 'provider-key', sentAs: 'Idempotency-Key', keyLife: '24h' },
    { by: 'lookup' },
    { by: 'checkpoint' },
  ];
  for (const safety of safeKinds) {
    it.each(points)(`leaves one effect and a result when safe by ${safety.by} (%s)`, async (point) => {
      const { ending, done } = await crashOnce(safety, point);
      expect(ending).toMatchObject({ ok: true });
      expect(done).toHaveLength(1);
    });

    it(`leaves one effect after two deaths when safe by ${safety.by}`, async () => {
      const { ending, done } = await crashOnce(safety, 'twice, before the answer');
      expect(ending).toMatchObject({ ok: true });
      expect(done).toHaveLength(1);
    });
  }

  describe('when nobody can be asked', () => {
    const safety = { by: 'nobody', duplicates: 'Twice.' } as const;

    it.each([
      ['after the intent, before the first byte', 0],
      ['after the provider committed, before its answer', 1],
      ['after the answer, before the ledger knows', 1],
    ] as const)('never sends again and says that it is unsure (%s)', async (point, effects) => {
      const { ending, done } = await crashOnce(safety, point);
      expect(ending).toMatchObject({
        ok: false,
        type: 'effect_unsure',
        retryable: false,
        details: { name: 'effect_unsure', unsure: true, attempt: 2 },
      });
      expect(done).toHaveLength(effects);
    });

    it('returns the stored result when the ledger knows it', async () => {
      const { ending, done } = await crashOnce(safety, 'after the ledger knows, before Temporal does');
      expect(ending).toMatchObject({ ok: true, output: { repeated: false } });
      expect(done).toHaveLength(1);
    });
  });

  it('sends again and labels it when the builder chose at least once', async () => {
    const { ending, done } = await crashOnce(
      { by: 'at-least-once' },
      'after the provider committed, before its answer',
    );
    expect(ending).toMatchObject({ ok: true, output: { repeated: true } });
    expect(done).toHaveLength(2);
  });
});
