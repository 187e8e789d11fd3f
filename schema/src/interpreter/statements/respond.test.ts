import { describe, expect, it } from 'vitest';
import type { Json } from '../../flow/plan.ts';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const planOf = (say: { status?: Json; headers?: { [name: string]: Json }; body?: Json }) =>
  aPlan({
    steps: { say: { type: 'respond', status: 200, headers: {}, body: null, ...say }, after: anAction() },
    edges: ['start -> say', 'say -> after'],
  });
const outputOf = async (say: Parameters<typeof planOf>[0], trigger: Json = {}) =>
  (await startRun(planOf(say), trigger)).state().scopes['root']?.steps['say']?.output;

describe('respond', () => {
  it('says status, headers and body from expressions, and the run goes on', async () => {
    const run = await startRun(
      planOf({
        status: '{{ trigger.code }}',
        headers: { 'X-Order': '{{ trigger.id }}', 'x-count': '{{ 3 }}', 'x-none': null },
        body: { id: '{{ trigger.id }}' },
      }),
      { code: 201, id: 'A-1042' },
    );
    expect(run.state().scopes['root']?.steps['say']?.output).toEqual({
      status: 201,
      headers: { 'content-type': 'application/json', 'x-order': 'A-1042', 'x-count': '3' },
      body: { id: 'A-1042' },
    });
    expect(run.scheduled()).toEqual(['after']);
    await run.succeed('after');
    expect(run.state()).toMatchObject({ status: 'succeeded', responded: 'say' });
  });

  it.each([
    ['a text', 'hello', { 'content-type': 'text/plain' }],
    ['nothing', null, {}],
    ['a list', [1], { 'content-type': 'application/json' }],
  ])('sends %s as what it is', async (_what, body, headers) => {
    expect(await outputOf({ body })).toEqual({ status: 200, headers, body });
  });

  it('lets the author say the content type', async () => {
    expect(await outputOf({ body: '<p>', headers: { 'Content-Type': 'text/html' } })).toMatchObject({
      headers: { 'content-type': 'text/html' },
    });
  });

  it.each<[string, Parameters<typeof planOf>[0], string]>([
    ['a status that is none', { status: 99 }, 'status: 99'],
    ['a status that is switching', { status: 101 }, 'status: 101'],
    ['half a status', { status: 200.5 }, 'status: 200.5'],
    ['a status in words', { status: 'fine' }, 'status: "fine"'],
    ['a body where there is none', { status: 204, body: 'x' }, '204'],
    ['a header that is ours', { headers: { 'Content-Length': '3' } }, 'content-length'],
    ['a cookie', { headers: { 'Set-Cookie': 'a=b' } }, 'set-cookie'],
    ['a second header in the first', { headers: { 'x-a': 'a\r\nset-cookie: b' } }, 'x-a'],
    ['a header that is an object', { headers: { 'x-a': { a: 1 } } }, 'x-a'],
    ['a header twice', { headers: { 'x-a': '1', 'X-A': '2' } }, 'twice'],
    ['a name that is none', { headers: { 'x a': '1' } }, '"x a"'],
    ['headers without end', { headers: { 'x-a': 'a'.repeat(9_000) } }, 'headers: they have'],
    ['a body without end', { body: 'a'.repeat(300_000) }, 'body: it has 300002 characters'],
  ])('fails with a name on %s', async (_what, say, text) => {
    const run = await startRun(planOf(say));
    const { status, failure } = run.state().scopes['root']?.steps['say'] ?? {};
    expect([status, failure?.name]).toEqual(['needs_attention', 'response_invalid']);
    expect(failure?.message).toContain(text);
    expect(run.state().responded).toBeUndefined();
  });

  it('answers once: a second answer fails with a name, by another step or in a loop', async () => {
    const say = { type: 'respond' as const, status: 200, headers: {}, body: null };
    const two = await startRun(aPlan({ steps: { one: say, other: say }, edges: ['start -> one', 'start -> other'] }));
    expect(two.state().scopes['root']?.steps['other']?.failure).toMatchObject({
      name: 'already_responded',
      message: 'The step one has answered the caller already; an answer is given once.',
    });
    const loop = await startRun(
      aPlan({
        steps: { each: { type: 'forEach', items: [1, 2], concurrency: 1, onItemFailure: 'park', result: null }, say },
        edges: ['start -> each'],
        frames: { each: ['say'] },
      }),
    );
    expect(loop.statusOf('each[0].say')).toBe('succeeded');
    expect(loop.state().scopes['each[1]']?.steps['say']?.failure?.name).toBe('already_responded');
  });

  it('takes its error edge, and another step answers', async () => {
    const say = { type: 'respond' as const, headers: {}, body: null };
    const run = await startRun(
      aPlan({
        steps: { say: { ...say, status: 1 }, sorry: { ...say, status: 500 } },
        edges: ['start -> say', 'say:error -> sorry'],
      }),
    );
    expect(run.state()).toMatchObject({ status: 'succeeded', responded: 'sorry' });
  });

  it('is completed by a person with an answer that can be sent, and with no other', async () => {
    const run = await startRun(planOf({ status: 1 }));
    await run.repair({ action: 'completeStep', path: 'say', output: { status: 'no' } });
    expect(run.statuses()['say']).toBe('needs_attention');
    await run.repair({ action: 'completeStep', path: 'say', output: { status: 200, body: 'by hand' } });
    expect(run.state().responded).toBe('say');
    expect(run.scheduled()).toEqual(['after']);
  });

  it('retried after a failure, answers', async () => {
    const run = await startRun(planOf({ status: '{{ vars.status }}' }));
    expect(run.statuses()['say']).toBe('needs_attention');
    await run.repair({ action: 'skipStep', path: 'say' });
    expect(run.state()).toMatchObject({ status: 'succeeded' });
    expect(run.state().responded).toBeUndefined();
  });

  it('in a frame that a person begins again, is no second answer', async () => {
    const run = await startRun(
      aPlan({
        steps: {
          guarded: { type: 'try', catches: [], result: '{{ $error("no") }}' },
          say: { type: 'respond', status: 200, headers: {}, body: null },
        },
        edges: ['start -> guarded'],
        frames: { guarded: ['say'] },
      }),
    );
    expect(run.statuses()['guarded']).toBe('needs_attention');
    await run.repair({ action: 'retryStep', path: 'guarded' });
    expect(run.statusOf('guarded.say')).toBe('succeeded');
  });
});
