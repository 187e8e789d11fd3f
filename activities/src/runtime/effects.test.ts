import { describe, expect, it, onTestFinished } from 'vitest';
import { createNodeHarness, type NodeHarness } from '../testing/run-node.ts';
import { sampleNode } from '../testing/sample-node.ts';
import { effectKeyOf, requestHashOf } from './effects.ts';
import { implementNode, type NodeImplementation, type Safety } from './implement-node.ts';
import { ConnectionLost } from './node-errors.ts';

const harnessFor = (implementation: unknown): NodeHarness => {
  const harness = createNodeHarness(implementation);
  onTestFinished(() => harness.close());
  return harness;
};
const nobody = { by: 'nobody', duplicates: 'Twice.' } as const;
const withSafety = (safety: Safety, run: NodeImplementation['run']) =>
  implementNode(sampleNode(nobody), { safetyOf: () => safety, run: run as never });
const text = { text: 'hello' };

describe('the effect key', () => {
  const input = { orgId: 'o', rootRunId: 'r', path: 'each[7].send', generation: 0 };

  it('is the sha256 of org, root run, path and generation', () => {
    expect(effectKeyOf(input)).toMatch(/^[0-9a-f]{64}$/);
    expect(effectKeyOf({ ...input })).toBe(effectKeyOf(input));
    const others = [{ orgId: 'p' }, { rootRunId: 's' }, { path: 'each[8].send' }, { generation: 1 }];
    expect(new Set(others.map((change) => effectKeyOf({ ...input, ...change })).concat(effectKeyOf(input))).size).toBe(
      5,
    );
  });

  it('does not depend on the order of fields in the request', () => {
    const hash = (input: { readonly [key: string]: string | { readonly [key: string]: number } }) =>
      requestHashOf({ activity: 'a@1', connectionId: null, input });
    expect(hash({ one: 'x', two: { a: 1, b: 2 } })).toBe(hash({ two: { b: 2, a: 1 }, one: 'x' }));
    expect(hash({ one: 'x' })).not.toBe(hash({ one: 'y' }));
  });
});

describe('the effect ledger', () => {
  it('holds the intent as sent before the effect begins, and the result after it', async () => {
    const harness = harnessFor(
      withSafety(nobody, async () => {
        expect(harness.effect()).toMatchObject({ state: 'sent', attempt: 1 });
        return { id: '1' };
      }),
    );
    expect(await harness.run(text)).toMatchObject({ ok: true });
    expect(harness.effect()).toMatchObject({ state: 'confirmed', result: { output: { id: '1', repeated: false } } });
  });

  it('asks a person about an effect that a backup may have lost, and sends it when the person decides so', async () => {
    let calls = 0;
    const harness = harnessFor(withSafety(nobody, async () => ({ id: String((calls += 1)) })));
    const begin = harness.ports.effects.begin.bind(harness.ports.effects);
    let restored = true;
    Object.assign(harness.ports.effects, {
      begin: async (...[intent]: Parameters<typeof begin>) => {
        const { record } = await begin(intent, { ordinal: intent.ordinal, at: 0, keyExpiresAt: null });
        return { created: false, record: restored ? { ...record, lost: true } : record };
      },
    });
    expect(await harness.run(text)).toMatchObject({
      ok: false,
      type: 'effect_unsure',
      details: { unsure: true },
      message: 'This run was restored from a backup: it may have been sent before, and nobody can be asked.',
    });
    expect(calls).toBe(0);
    restored = false;
    expect(await harness.run(text, { request: { ordinal: 2 } })).toMatchObject({ ok: true });
    expect(calls).toBe(1);
  });

  it('refuses other content under the same key', async () => {
    let calls = 0;
    const harness = harnessFor(withSafety({ by: 'at-least-once' }, async () => ({ id: String((calls += 1)) })));
    await harness.run(text);
    expect(await harness.run({ text: 'other' })).toMatchObject({
      ok: false,
      type: 'effect_conflict',
      retryable: false,
      message: 'This step has an effect on record with other content than it is asked to send now.',
    });
    expect(calls).toBe(1);
  });

  it('lets an edited input act, since its generation is another', async () => {
    let calls = 0;
    const harness = harnessFor(withSafety(nobody, async () => ({ id: String((calls += 1)) })));
    await harness.run(text);
    expect(await harness.run({ text: 'other' }, { request: { generation: 1, ordinal: 2 } })).toMatchObject({
      ok: true,
    });
    expect(calls).toBe(2);
  });

  it('lets a refused effect be tried again', async () => {
    let calls = 0;
    const harness = harnessFor(
      implementNode(sampleNode(nobody), {
        run: async (step) => {
          calls += 1;
          if (calls < 3) throw step.failure(calls === 1 ? 'busy' : 'refused');
          return { id: '1' };
        },
      }),
    );
    expect(await harness.run(text)).toMatchObject({
      type: 'busy',
      retryable: true,
      details: { advice: 'Wait a little.' },
    });
    expect(harness.effect()?.state).toBe('intent');
    expect(await harness.run(text, { attempt: 2 })).toMatchObject({ type: 'refused', retryable: false });
    expect(harness.effect()?.state).toBe('failed');
    expect(await harness.run(text, { request: { ordinal: 2 } })).toMatchObject({ ok: true });
  });

  it('parks a lost connection as unsure when nobody can be asked', async () => {
    const harness = harnessFor(
      withSafety(nobody, async () => {
        throw new ConnectionLost('mail.example closed the connection.');
      }),
    );
    expect(await harness.run(text)).toMatchObject({
      type: 'effect_unsure',
      retryable: false,
      message: 'It may have been sent: mail.example closed the connection.',
      details: { unsure: true },
    });
    expect(harness.effect()?.state).toBe('unsure');
  });

  it('sends an unsure effect again only when a person retries the step', async () => {
    let calls = 0;
    const harness = harnessFor(
      withSafety(nobody, async (step) => {
        calls += 1;
        if (calls === 1) throw new ConnectionLost('lost');
        return { id: '2', repeated: step.repeats };
      }),
    );
    await harness.run(text);
    expect(await harness.run(text, { attempt: 2 })).toMatchObject({ type: 'effect_unsure' });
    expect(await harness.run(text, { attempt: 3 })).toMatchObject({ type: 'effect_unsure' });
    expect(calls).toBe(1);
    expect(await harness.run(text, { request: { ordinal: 2 } })).toMatchObject({
      ok: true,
      output: { repeated: true },
    });
    expect(calls).toBe(2);
  });

  it('does not take a frame that was begun again for a person who has looked', async () => {
    let calls = 0;
    const harness = harnessFor(withSafety(nobody, async () => ({ id: String((calls += 1)) })));
    await harness.run(text, { ports: { effects: { ...harness.ports.effects, confirm: async () => {} } } });
    expect(harness.effect()).toMatchObject({ state: 'sent', ordinal: 1 });
    const again = await harness.run(text, { request: { ordinal: 2, begunAgain: true } });
    expect(again).toMatchObject({ type: 'effect_unsure', details: { unsure: true } });
    expect(calls).toBe(1);
    expect(await harness.run(text, { request: { ordinal: 3 } })).toMatchObject({ ok: true });
    expect(calls).toBe(2);
  });

  it('sends again when a person retries a step whose attempt never came back', async () => {
    let calls = 0;
    const harness = harnessFor(withSafety(nobody, async () => ({ id: String((calls += 1)) })));
    await harness.run(text, { ports: { effects: { ...harness.ports.effects, confirm: async () => {} } } });
    expect(harness.effect()).toMatchObject({ state: 'sent', ordinal: 1 });
    expect(await harness.run(text, { request: { ordinal: 2 } })).toMatchObject({ ok: true });
    expect(calls).toBe(2);
    expect(harness.effect()).toMatchObject({ state: 'confirmed', ordinal: 2 });
  });

  it.each([
    ['a lost connection is unsure', new ConnectionLost('lost'), { type: 'effect_unsure', details: { unsure: true } }],
    ['a refusal says why', null, { type: 'refused', retryable: false }],
  ])('tells how the effect ended although the ledger cannot be told: %s', async (_case, error, expected) => {
    const harness = harnessFor(
      implementNode(sampleNode(nobody), {
        run: async (step) => {
          throw error ?? step.failure('refused');
        },
      }),
    );
    const settle = () => Promise.reject(new Error('database gone'));
    const told = await harness.run(text, { ports: { effects: { ...harness.ports.effects, settle } } });
    expect(told).toMatchObject(expected);
    expect(harness.effect()?.state).toBe('sent');
    expect(await harness.run(text, { attempt: 2 })).toMatchObject({ type: 'effect_unsure' });
  });

  it('marks a retryable failure as unsure, so that the last attempt parks', async () => {
    const harness = harnessFor(
      withSafety({ by: 'provider-key', sentAs: 'Key', keyLife: '24h' }, async () => {
        throw new ConnectionLost('lost');
      }),
    );
    expect(await harness.run(text)).toMatchObject({
      type: 'connection_lost',
      retryable: true,
      details: { unsure: true },
    });
    expect(harness.effect()?.state).toBe('sent');
  });

  it('keeps the doubt when a later attempt is refused for another reason', async () => {
    const harness = harnessFor(
      implementNode(sampleNode(nobody), {
        safetyOf: () => ({ by: 'provider-key', sentAs: 'Key', keyLife: '24h' }),
        run: async (step) => {
          throw step.attempt === 1 ? new ConnectionLost('lost') : step.failure('refused');
        },
      }),
    );
    await harness.run(text);
    expect(await harness.run(text, { attempt: 2 })).toMatchObject({ type: 'refused', details: { unsure: true } });
  });

  it('stops trusting a provider key at four fifths of its life', async () => {
    let calls = 0;
    const harness = harnessFor(
      withSafety({ by: 'provider-key', sentAs: 'Key', keyLife: '10h' }, async () => {
        calls += 1;
        throw new ConnectionLost('lost');
      }),
    );
    const hours = (count: number) => count * 3_600_000;
    const sentAt = (at: number) => {
      for (const [key, row] of harness.ports.effectRows) {
        harness.ports.effectRows.set(key, { ...row, firstSentAt: at, keyExpiresAt: at + hours(10) });
      }
    };
    await harness.run(text);
    sentAt(Date.now() - hours(7.9));
    expect(await harness.run(text, { attempt: 2 })).toMatchObject({ type: 'connection_lost' });
    sentAt(Date.now() - hours(8.1));
    expect(await harness.run(text, { attempt: 3 })).toMatchObject({ type: 'effect_unsure', retryable: false });
    expect(calls).toBe(2);
  });

  it('never sends while another attempt holds the effect', async () => {
    let calls = 0;
    const harness = harnessFor(withSafety({ by: 'at-least-once' }, async () => ({ id: String((calls += 1)) })));
    await harness.run(text, { ports: { effects: { ...harness.ports.effects, confirm: async () => {} } } });
    const overtaken = { ...harness.ports.effects, markSent: async () => false };
    expect(await harness.run(text, { attempt: 2, ports: { effects: overtaken } })).toMatchObject({
      type: 'attempt_overtaken',
      retryable: true,
    });
    expect(calls).toBe(1);
  });

  it('still gives the result when the ledger cannot be told', async () => {
    const harness = harnessFor(withSafety(nobody, async () => ({ id: '1' })));
    const failing = {
      ...harness.ports.effects,
      confirm: async () => {
        throw new Error('database gone');
      },
    };
    expect(await harness.run(text, { ports: { effects: failing } })).toMatchObject({ ok: true });
    expect(harness.ports.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'effect not confirmed in the ledger' }),
    );
  });

  it('does not act when the intent cannot be written', async () => {
    let calls = 0;
    const harness = harnessFor(withSafety(nobody, async () => ({ id: String((calls += 1)) })));
    const failing = {
      ...harness.ports.effects,
      begin: async () => {
        throw new Error('database gone');
      },
    };
    expect(await harness.run(text, { ports: { effects: failing } })).toMatchObject({
      type: 'unexpected',
      retryable: true,
    });
    expect(calls).toBe(0);
  });

  it('parks an effect whose answer does not fit, instead of repeating it', async () => {
    const harness = harnessFor(withSafety({ by: 'at-least-once' }, async () => ({ wrong: true }) as never));
    expect(await harness.run(text)).toMatchObject({
      type: 'invalid_output',
      retryable: false,
      details: { unsure: true },
    });
    expect(harness.effect()?.state).toBe('unsure');
  });
});

describe('a look-up', () => {
  const looking = (find: () => Promise<{ id: string } | null>, calls: string[]) =>
    implementNode(sampleNode({ by: 'lookup' }), {
      findEarlier: async () => {
        calls.push('look');
        return find();
      },
      run: async () => {
        calls.push('run');
        if (calls.length === 1) throw new ConnectionLost('lost');
        return { id: 'new' };
      },
    });

  it('is not made on a first attempt', async () => {
    const calls: string[] = [];
    const harness = harnessFor(looking(async () => null, calls));
    expect(await harness.run(text)).toMatchObject({ type: 'connection_lost', details: { unsure: true } });
    expect(calls).toEqual(['run']);
  });

  it('returns what it finds without acting', async () => {
    const calls: string[] = [];
    const harness = harnessFor(looking(async () => ({ id: 'earlier' }), calls));
    await harness.run(text);
    expect(await harness.run(text, { attempt: 2 })).toMatchObject({ ok: true, output: { id: 'earlier' } });
    expect(calls).toEqual(['run', 'look']);
    expect(harness.effect()).toMatchObject({ state: 'confirmed' });
  });

  it('acts when it surely finds nothing', async () => {
    const calls: string[] = [];
    const harness = harnessFor(looking(async () => null, calls));
    await harness.run(text);
    expect(await harness.run(text, { attempt: 2 })).toMatchObject({ ok: true, output: { id: 'new' } });
  });

  it('is made on the first attempt of a repair, when the ledger says sent', async () => {
    const calls: string[] = [];
    const harness = harnessFor(looking(async () => ({ id: 'earlier' }), calls));
    await harness.run(text);
    expect(await harness.run(text, { attempt: 1, request: { ordinal: 2 } })).toMatchObject({ ok: true });
    expect(calls).toEqual(['run', 'look']);
  });

  it('retries when it cannot be made', async () => {
    const calls: string[] = [];
    const find = async () => {
      throw new ConnectionLost('lost again');
    };
    const harness = harnessFor(looking(find, calls));
    await harness.run(text);
    expect(await harness.run(text, { attempt: 2 })).toMatchObject({
      type: 'connection_lost',
      retryable: true,
      details: { unsure: true },
    });
    expect(calls).toEqual(['run', 'look']);
  });

  it('parks when it cannot tell, and a person’s retry then acts', async () => {
    const calls: string[] = [];
    const node = implementNode(sampleNode({ by: 'lookup' }), {
      findEarlier: async (step) => {
        calls.push('look');
        throw step.unsure('The history is too long.');
      },
      run: async () => {
        calls.push('run');
        if (calls.length === 1) throw new ConnectionLost('lost');
        return { id: 'new' };
      },
    });
    const harness = harnessFor(node);
    await harness.run(text);
    expect(await harness.run(text, { attempt: 2 })).toMatchObject({
      type: 'effect_unsure',
      message: 'The history is too long.',
      retryable: false,
      details: { unsure: true },
    });
    expect(calls).toEqual(['run', 'look']);
    expect(await harness.run(text, { request: { ordinal: 2 } })).toMatchObject({ ok: true });
    expect(calls).toEqual(['run', 'look', 'look', 'run']);
  });
});
