import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EvaluationRequest } from '@everwave/schema/expression';
import type { Json } from '@everwave/schema/flow';
import { defineNode } from '@everwave/schema/node';
import { valueLimits } from '@everwave/schema/run';
import { ActivityCancellationDetails } from '@temporalio/common';
import type { MockActivityEnvironment } from '@temporalio/testing';
import { createNodeHarness, type NodeHarness, orgId } from '../testing/run-node.ts';
import { sampleNode } from '../testing/sample-node.ts';
import { implementNode, type NodeImplementation } from './implement-node.ts';
import { AskedToWait } from './node-errors.ts';
import type { FullLimit } from './ports.ts';

const nobody = { by: 'nobody', duplicates: 'Twice.' } as const;
const canary = 'canary-8Kd03mXq7';
const text = { text: 'hello' };

const harnessFor = (implementation: unknown): NodeHarness => {
  const harness = createNodeHarness(implementation);
  onTestFinished(() => harness.close());
  return harness;
};
const sample = (run: NodeImplementation['run']) => implementNode(sampleNode(nobody), { run: run as never });
const connected = (run: NodeImplementation['run'], secret: Record<string, string> = { botToken: canary }) => {
  const harness = harnessFor(sample(run));
  harness.connect({ kind: 'slack.bot', settings: {}, secret });
  return harness;
};
const reading = (answer: Record<string, unknown>) =>
  implementNode(defineNode({ ...sampleNode(nobody), effect: 'reads', idempotency: { by: 'nature' } }), {
    run: async () => answer as never,
  });
/** Needs its connection, unlike the sample. */
const strict = implementNode(defineNode({ ...sampleNode(nobody), credentialOptional: false }), {
  run: async (step) => ({ id: step.connection.secret.botToken.length.toString() }),
});

describe('every node’s activity', () => {
  it('gives the node its parsed input and returns its parsed output', async () => {
    const harness = harnessFor(sample(async (_step, input) => ({ id: (input as typeof text).text })));
    expect(await harness.run(text)).toEqual({ ok: true, output: { id: 'hello', repeated: false } });
  });

  it.each([
    [{ text: '' }, 'text: Too small'],
    [{ text: 5 }, 'text: Invalid input: expected string'],
    [{}, 'text: Invalid input'],
    [{ text: 'a', more: 1 }, 'input: Unrecognized key: "more"'],
    [null, 'input: Invalid input: expected object'],
  ])('names the field of a bad input, once: %j', async (input, message) => {
    let calls = 0;
    const harness = harnessFor(sample(async () => ({ id: String((calls += 1)) })));
    const ending = await harness.run(input);
    expect(ending).toMatchObject({ type: 'invalid_input', retryable: false, details: { attempt: 1 } });
    expect(ending.ok ? '' : ending.message).toContain(message);
    expect(calls).toBe(0);
    expect(harness.effect()).toBeUndefined();
  });

  it('opens the connection with its defaults', async () => {
    const harness = harnessFor(strict);
    harness.connect({ kind: 'slack.bot', settings: {}, secret: { botToken: canary } });
    expect(await harness.run(text)).toMatchObject({ ok: true, output: { id: String(canary.length) } });
  });

  it.each([
    ['none is chosen', null, {}, 'connection_missing', '"Send a sample" needs a connection and has none.'],
    [
      'it was deleted',
      null,
      { connectionId: 'conn_gone' },
      'connection_not_found',
      'The connection conn_gone does not exist.',
    ],
    [
      'it belongs to another org',
      { kind: 'slack.bot', secret: { botToken: canary } },
      { orgId: 'org_other' },
      'connection_not_found',
      'does not exist',
    ],
    [
      'it is of another kind',
      { kind: 'email.smtp', secret: { botToken: canary } },
      {},
      'connection_invalid',
      'The connection "Test connection" is of kind email.smtp; this step needs slack.bot.',
    ],
    [
      'a field is missing',
      { kind: 'slack.bot', secret: {} },
      {},
      'connection_invalid',
      'The connection "Test connection" is incomplete: botToken.',
    ],
  ])('ends for good when the connection cannot be used: %s', async (_why, connection, request, type, message) => {
    const harness = harnessFor(strict);
    if (connection) harness.connect({ settings: {}, ...connection } as Parameters<NodeHarness['connect']>[0]);
    const ending = await harness.run(text, { request });
    expect(ending).toMatchObject({ type, retryable: false, message: expect.stringContaining(message) as string });
    expect(JSON.stringify(ending)).not.toContain(canary);
  });

  it('tells a named failure with its message, advice and delay', async () => {
    const harness = harnessFor(
      implementNode(sampleNode(nobody), {
        run: async (step) => {
          throw step.failure('busy', { message: 'Nobody is at home.', retryAfter: '90', cause: new Error('inner') });
        },
      }),
    );
    const ending = await harness.run(text, { attempt: 3 });
    expect(ending).toMatchObject({
      type: 'busy',
      message: 'Nobody is at home.',
      retryable: true,
      nextRetryDelay: 90_000,
      details: { name: 'busy', message: 'Nobody is at home.', advice: 'Wait a little.', attempt: 3 },
    });
    expect(ending.ok ? null : ending.error.cause).toMatchObject({ message: 'inner' });
  });

  it('asks to be called later without spending an attempt', async () => {
    const before = Date.now();
    const harness = harnessFor(
      sample(async () => {
        throw new AskedToWait('Come back later.', 60_000);
      }),
    );
    const ending = await harness.run(text);
    expect(ending).toMatchObject({ type: 'Deferred', retryable: false, details: { reason: 'Come back later.' } });
    expect(ending.ok ? 0 : (ending.details.until ?? 0) - before).toBeGreaterThanOrEqual(60_000);
  });

  it('tells an error nobody foresaw as retryable, for an effect that may be repeated', async () => {
    const harness = harnessFor(
      implementNode(sampleNode(nobody), {
        safetyOf: () => ({ by: 'nature' }),
        run: async () => {
          throw new TypeError('x is not a function');
        },
      }),
    );
    expect(await harness.run(text)).toMatchObject({
      type: 'unexpected',
      retryable: true,
      message: 'x is not a function',
      details: { name: 'unexpected' },
    });
  });

  it('removes secrets from message, cause, stack and log before anything is cut short', async () => {
    const harness = connected(async (step) => {
      step.log.info(`calling with ${canary}`, { header: `Bearer ${canary}`, url: encodeURIComponent(canary) });
      const inner = new Error(`inner ${Buffer.from(`x:${canary}`).toString('base64')}`);
      throw step.failure('busy' as never, {
        message: `${'x'.repeat(1995)}${canary} was refused`,
        cause: new Error(`outer ${canary}`, { cause: inner }),
      });
    });
    const ending = await harness.run(text);
    expect(ending).toMatchObject({ type: 'busy' });
    if (ending.ok) throw new Error('unreachable');
    expect(ending.message).toHaveLength(2000);
    const cause = ending.error.cause as Error;
    const everything = [
      JSON.stringify(ending),
      ending.error.stack,
      cause.message,
      cause.stack,
      String(cause.cause),
      JSON.stringify(harness.ports.lines),
      JSON.stringify([...harness.ports.effectRows]),
    ].join('\n');
    expect(everything).not.toContain(canary.slice(0, 6));
    expect(everything).not.toContain(Buffer.from(`x:${canary}`).toString('base64').slice(4, 16));
    expect(harness.ports.lines[0]).toMatchObject({
      message: 'calling with [secret]',
      attributes: { path: 'send', activity: 'sample.send@1', attempt: 1, header: 'Bearer [secret]', url: '[secret]' },
    });
  });

  it('removes secrets from the output, and from what the ledger keeps', async () => {
    const harness = connected(async () => ({ id: `echo ${canary}` }));
    expect(await harness.run(text)).toMatchObject({ ok: true, output: { id: 'echo [secret]' } });
    expect(JSON.stringify([...harness.ports.effectRows])).not.toContain(canary);
  });

  it('never logs inputs, outputs or the secret', async () => {
    const harness = connected(async (step) => {
      throw step.failure('refused' as never);
    });
    await harness.run({ text: 'private words' });
    expect(harness.ports.lines).toContainEqual(expect.objectContaining({ level: 'warn', message: 'attempt failed' }));
    expect(JSON.stringify(harness.ports.lines)).not.toMatch(/private words|canary/);
  });

  it('refuses an output beyond 256 MiB', async () => {
    const harness = harnessFor(reading({ id: 'x'.repeat(valueLimits.largest) }));
    expect(await harness.run(text)).toMatchObject({
      type: 'value_too_large',
      retryable: false,
      message: "The step's output has 268435482 bytes as JSON; 268435456 are possible.",
    });
    expect(harness.ports.valueRows.size).toBe(0);
  });

  it('keeps an output beyond 16 KiB outside, once, and brings along what is read of it', async () => {
    const harness = harnessFor(reading({ id: 'ä'.repeat(600_000) }));
    const request = { reads: ['repeated', 'id'] };
    const [first, second] = [await harness.run(text, { request }), await harness.run(text, { request })];
    expect(second).toEqual(first);
    expect(first).toMatchObject({ output: { id: 'ä'.repeat(600_000), repeated: false } });
    expect(harness.ports.valueRows.size).toBe(1);
    const key = [...harness.ports.valueRows.keys()].join();
    const sha256 = key.slice(key.indexOf('/') + 1);
    expect(first.ok && first.large).toEqual({
      reference: { ref: `blob:${sha256}`, bytes: 1_200_026, sha256, preview: expect.stringMatching(/^\{"id":"ä+…$/) },
      excerpt: { paths: [['repeated']], value: { repeated: false } },
    });
    expect(JSON.stringify(first.ok && first.large).length).toBeLessThan(1_000);
  });

  it('returns an output of 16 KiB itself', async () => {
    const id = 'x'.repeat(valueLimits.inline - '{"id":"","repeated":false}'.length);
    expect(await harnessFor(reading({ id })).run(text)).toEqual({ ok: true, output: { id, repeated: false } });
  });

  it('takes secrets out of an output before it is kept', async () => {
    const harness = connected(async () => ({ id: `${canary} ${'x'.repeat(20_000)}` }));
    expect(await harness.run(text)).toMatchObject({ ok: true, large: {} });
    expect(Buffer.concat([...harness.ports.valueRows.values()]).includes(canary)).toBe(false);
  });

  it('does an effect once, and gives its large output again from the ledger', async () => {
    let calls = 0;
    const harness = harnessFor(sample(async () => ({ id: `${(calls += 1)}`.padEnd(20_000, 'x') })));
    const first = await harness.run(text);
    expect(await harness.run(text, { attempt: 2 })).toEqual(first);
    expect(calls).toBe(1);
    expect(JSON.stringify(harness.effect()).length).toBeLessThan(2_000);
  });

  it('stops for a person when the effect took place and its large output cannot be kept', async () => {
    const harness = harnessFor(sample(async () => ({ id: 'x'.repeat(20_000) })));
    const values = { ...harness.ports.values, keep: () => Promise.reject(new Error('The disk is full.')) };
    const ending = await harness.run(text, { ports: { values } });
    expect(ending).toMatchObject({ ok: false, details: { unsure: true } });
    expect(harness.effect()).toMatchObject({ state: 'unsure' });
  });

  describe('whose input needs a value that is kept outside', () => {
    const given = { text: 'x'.repeat(30_000), number: 7 };
    const scope = { steps: {}, vars: {}, env: {}, trigger: null } as unknown as Record<string, Json>;
    const evaluate = (template: Json, sha256: string): EvaluationRequest => ({
      work: { type: 'template', template, field: '' },
      scope,
      references: [{ path: ['steps', 'fetch', 'output'], sha256, bytes: 30_022 }],
      now: 0,
      seed: 1,
    });
    const harnessWithValue = async () => {
      const harness = harnessFor(sample(async (_step, input) => ({ id: (input as { text: string }).text })));
      const use = { orgId, runId: 'run_1', path: 'fetch', ordinal: 1, name: 'output' };
      const sha256 = await harness.ports.values.keep(use, Buffer.from(JSON.stringify(given)));
      return { harness, sha256 };
    };

    it('evaluates it there', async () => {
      const { harness, sha256 } = await harnessWithValue();
      const request = { evaluate: evaluate({ text: 'No. {{ steps.fetch.output.number }}' }, sha256) };
      expect(await harness.run(null, { request })).toMatchObject({ ok: true, output: { id: 'No. 7' } });
    });

    it.each([
      ['a mistake in it', { text: '{{ steps.fetch.output.none }}' }, 'expression_failed', 'text: at character 3: '],
      [
        'a field that does not fit',
        { text: '{{ steps.fetch.output.number }}' },
        'invalid_input',
        'text: Invalid input',
      ],
    ])('names %s, and sends nothing', async (_, template, type, message) => {
      const { harness, sha256 } = await harnessWithValue();
      const ending = await harness.run(null, { request: { evaluate: evaluate(template, sha256) } });
      expect(ending).toMatchObject({ ok: false, type, retryable: false, message: expect.stringContaining(message) });
      expect(harness.effect()).toBeUndefined();
    });

    it('loads nothing while a limit has no place for it', async () => {
      const { harness, sha256 } = await harnessWithValue();
      const { values } = harness.ports;
      let loaded = 0;
      let isFull = true;
      const full: FullLimit = { subject: orgId, waitMs: 60_000, before: 1 };
      Object.assign(harness.ports, {
        values: {
          ...values,
          find: (...asked: Parameters<typeof values.find>) => ((loaded += 1), values.find(...asked)),
        },
        limits: {
          find: async () => [{ subject: orgId, atOnce: 1, rate: null }],
          take: async () => (isFull ? full : null),
          release: async () => undefined,
        },
      });
      const request = { evaluate: evaluate({ text: 'No. {{ steps.fetch.output.number }}' }, sha256) };
      expect(await harness.run(null, { request })).toMatchObject({ ok: false });
      expect(loaded).toBe(0);
      isFull = false;
      expect(await harness.run(null, { request })).toMatchObject({ ok: true });
      expect(loaded).toBe(1);
    });

    it('says when the value is gone, is another org’s, or comes to too much with others', async () => {
      const { harness, sha256 } = await harnessWithValue();
      const template = { text: '{{ steps.fetch.output.text }}' };
      const gone = { evaluate: evaluate(template, 'unknown') };
      expect(await harness.run(null, { request: gone })).toMatchObject({ type: 'value_missing', retryable: false });
      const foreign = { orgId: 'org_other', evaluate: evaluate(template, sha256) };
      expect(await harness.run(null, { request: foreign })).toMatchObject({ type: 'value_missing' });
      const one = { path: ['steps', 'fetch', 'output'], sha256, bytes: valueLimits.largest / 2 + 1 };
      const many = { evaluate: { ...evaluate(template, sha256), references: [one, one] } };
      expect(await harness.run(null, { request: many })).toMatchObject({ type: 'value_too_large', retryable: false });
    });
  });

  it('refuses an output that does not fit, and names the field', async () => {
    const wrong = implementNode(defineNode({ ...sampleNode(nobody), effect: 'reads', idempotency: { by: 'nature' } }), {
      run: async () => ({ id: 7 }) as never,
    });
    expect(await harnessFor(wrong).run(text)).toMatchObject({
      type: 'invalid_output',
      retryable: false,
      message: expect.stringContaining('output: id: ') as string,
    });
  });

  it('records what was counted, of failed attempts too', async () => {
    const harness = harnessFor(
      sample(async (step) => {
        step.meter('letters' as never, 3);
        step.meter('letters' as never, 4);
        throw step.failure('busy' as never);
      }),
    );
    await harness.run(text, { attempt: 2 });
    expect(harness.ports.readings).toEqual([
      expect.objectContaining({
        path: 'send',
        ordinal: 1,
        attempt: 2,
        activity: 'sample.send@1',
        meter: 'letters',
        unit: 'letter',
        amount: 7,
      }),
    ]);
  });

  it('gives the result even when the meters cannot be kept', async () => {
    const harness = harnessFor(
      sample(async (step) => {
        step.meter('letters' as never, 1);
        return { id: '1' };
      }),
    );
    const meters = { record: async () => Promise.reject(new Error('database gone')) };
    expect(await harness.run(text, { ports: { meters } })).toMatchObject({ ok: true });
    expect(harness.ports.lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'meters lost' }));
  });

  it('runs a checkpoint once, and gives every attempt the first one’s value', async () => {
    let made = 0;
    const harness = harnessFor(
      implementNode(sampleNode({ by: 'checkpoint' }), {
        run: async (step) => {
          const { value } = await step.once('signed', async () => ({ value: (made += 1) }));
          if (step.attempt === 1) throw new Error('lost');
          return { id: String(value) };
        },
      }),
    );
    await harness.run(text);
    expect(await harness.run(text, { attempt: 2 })).toMatchObject({ ok: true, output: { id: '1' } });
    expect(made).toBe(1);
  });
});

describe('an attempt’s end', () => {
  const waiting = sample(async (step) => {
    await sleep(60_000, undefined, { signal: step.signal });
    return { id: '1' };
  });
  const reading = implementNode(defineNode({ ...sampleNode(nobody), effect: 'reads', idempotency: { by: 'nature' } }), {
    run: async (step) => {
      await sleep(60_000, undefined, { signal: step.signal });
      return { id: '1' };
    },
  });

  it('comes by itself shortly before Temporal would end it', async () => {
    expect(await harnessFor(reading).run(text, { startToCloseTimeoutMs: 200 })).toMatchObject({
      type: 'timed_out',
      retryable: true,
      message: 'The step did not finish within 200 ms.',
    });
  });

  it('leaves an effect unsure when the time is over', async () => {
    const harness = harnessFor(waiting);
    expect(await harness.run(text, { startToCloseTimeoutMs: 200 })).toMatchObject({
      type: 'effect_unsure',
      retryable: false,
      details: { unsure: true },
    });
    expect(harness.effect()?.state).toBe('unsure');
  });

  it('is a cancellation when the run is cancelled, and reaches the node', async () => {
    const harness = harnessFor(waiting);
    const ending = await harness.run(text, { environment: (env) => void setTimeout(() => env.cancel(), 50) });
    expect(ending).toMatchObject({ type: 'Cancelled' });
    expect(harness.effect()?.state).toBe('unsure');
  });

  it('is handed back without an attempt spent when the worker goes down while reading', async () => {
    const details = new ActivityCancellationDetails({ workerShutdown: true });
    const environment = (env: MockActivityEnvironment) =>
      void setTimeout(() => env.cancel('WORKER_SHUTDOWN', details), 50);
    expect(await harnessFor(reading).run(text, { environment })).toMatchObject({
      type: 'Deferred',
      details: { reason: 'Its worker was stopped; another one goes on with it.' },
    });
    expect(await harnessFor(waiting).run(text, { environment })).toMatchObject({
      type: 'effect_unsure',
      retryable: false,
    });
  });

  it('is announced by heartbeats at least every third of their timeout', async () => {
    let beats = 0;
    const harness = harnessFor(
      sample(async () => {
        await sleep(400);
        return { id: '1' };
      }),
    );
    const environment = (env: MockActivityEnvironment) => void env.on('heartbeat', () => (beats += 1));
    await harness.run(text, { heartbeatTimeoutMs: 300, environment });
    expect(beats).toBeGreaterThanOrEqual(3);
    const silent = beats;
    await harness.run(text, { environment, request: { path: 'other' } });
    expect(beats).toBe(silent);
  });

  it('stops a process that slept through it before it acts', async () => {
    let sent = 0;
    const harness = harnessFor(
      implementNode(sampleNode(nobody), {
        announcesSending: true,
        run: async (step) => {
          const wake = Date.now() + 300;
          // The event loop stands still, as under SIGSTOP: no timer can fire.
          while (Date.now() < wake);
          await step.sending();
          sent += 1;
          return { id: '1' };
        },
      }),
    );
    expect(await harness.run(text, { startToCloseTimeoutMs: 200 })).toMatchObject({
      type: 'timed_out',
      retryable: true,
    });
    expect(sent).toBe(0);
    expect(harness.effect()?.state).toBe('intent');
  });
});

describe('the express lane', () => {
  it('refuses what must not be repeated, before anything is sent', async () => {
    let sent = 0;
    const harness = harnessFor(sample(async () => ({ id: String((sent += 1)) })));
    expect(await harness.run(text, { isLocal: true })).toMatchObject({
      type: 'LeftLane',
      retryable: false,
      details: { attempt: 1, wait: 0 },
    });
    expect([sent, harness.effect()]).toEqual([0, undefined]);
    expect(await harness.run(text)).toMatchObject({ ok: true });
  });

  it('does what may be repeated', async () => {
    const key = { by: 'provider-key', sentAs: 'Idempotency-Key' } as const;
    const harness = harnessFor(implementNode(sampleNode(key), { run: async () => ({ id: '1' }) }));
    expect(await harness.run(text, { isLocal: true })).toMatchObject({ ok: true });
  });
});

it('numbers attempts on when a step is scheduled again', async () => {
  const harness = harnessFor(sample(async (step) => ({ id: String(step.attempt) })));
  const ending = await harness.run(text, { attempt: 2, request: { attemptsBefore: 3 } });
  expect(ending).toMatchObject({ output: { id: '5' } });
});
