import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateRequest } from '../flow/expression/evaluation-request.ts';
import { excerptOf } from '../flow/expression/excerpt.ts';
import type { Json } from '../flow/plan.ts';
import { anAction, aPlan } from './testing/a-plan.ts';
import { startRun } from './testing/a-run.ts';
import { answer, flowOf, give, largeValue, page, scheduledNow, stored } from './testing/large-values.ts';

describe('an output that is kept outside of the run', () => {
  it('gives what was brought along of it without being loaded', async () => {
    const run = await startRun(
      flowOf({ next: anAction({ input: { total: '{{ steps.fetch.output.body.total + 1 }}' } }) }, ['fetch -> next']),
    );
    await give(run, 'fetch', page, ['body.total']);
    expect(scheduledNow(run)).toMatchObject([{ path: 'next', input: { total: 4 } }]);
    expect(JSON.stringify(run.state())).not.toContain('xxxx');
  });

  it('is evaluated by the activity whose input reads more of it, with the time and the seed of the run', async () => {
    const input = {
      all: '{{ steps.fetch.output }}',
      at: '{{ $now() }}',
      count: '{{ $count(steps.fetch.output.body.items) }}',
    };
    const run = await startRun(flowOf({ next: anAction({ input }) }, ['fetch -> next']));
    await give(run, 'fetch', page, ['body.total']);
    const [command] = scheduledNow(run);
    expect(command).toMatchObject({ path: 'next', activity: 'test.act@1', input: null });
    if (!command?.evaluate) throw new Error('The input was evaluated here.');
    expect(JSON.stringify(command).length).toBeLessThan(1_500);
    const reply = await evaluateRequest(command.evaluate, async ({ sha256 }) => stored.get(sha256) as Json);
    expect(reply).toEqual({ ok: true, value: { all: page, at: '2026-03-01T00:00:00.000Z', count: 3 } });
    const reports = run.reports().flatMap((each) => (each.type === 'reportStep' ? [each.transition] : []));
    expect(reports.at(-1)).toMatchObject({
      path: 'next',
      status: 'running',
      recipe: { references: [{ bytes: 40_080 }] },
    });
  });

  it('keeps what is to be evaluated when a person retries, and forgets it when they edit the input', async () => {
    const run = await startRun(flowOf({ next: anAction({ input: '{{ steps.fetch.output }}' }) }, ['fetch -> next']));
    await give(run, 'fetch', page);
    const [first] = scheduledNow(run);
    await run.fail('next');
    await run.repair({ action: 'retryStep', path: 'next' });
    const [second] = scheduledNow(run);
    expect(second).toMatchObject({ activityId: 'next~2', evaluate: first?.evaluate });
    await run.fail('next');
    await run.repair({ action: 'retryStep', path: 'next', input: { mine: 1 } });
    const [third] = scheduledNow(run);
    expect(third).toMatchObject({ activityId: 'next~3', input: { mine: 1 } });
    expect(third).not.toHaveProperty('evaluate');
  });

  it('is edited where it is: the activity puts the input together, and then changes it', async () => {
    const input = { to: 'ada', all: '{{ steps.fetch.output }}' };
    const run = await startRun(flowOf({ next: anAction({ input }) }, ['fetch -> next']));
    await give(run, 'fetch', page);
    for (const edit of [{ to: 'bob', all: { body: { text: null } } }, { all: { body: { total: 9 } } }] as const) {
      await run.fail('next');
      await run.repair({ action: 'retryStep', path: 'next', edit });
    }
    const [command] = scheduledNow(run);
    expect(command).toMatchObject({ activityId: 'next~3', generation: 3, input: null });
    expect(JSON.stringify(command).length).toBeLessThan(1_500);
    if (!command?.evaluate) throw new Error('The input was evaluated here.');
    const reply = await evaluateRequest(command.evaluate, async ({ sha256 }) => stored.get(sha256) as Json);
    const { items } = page.body;
    expect(reply).toEqual({ ok: true, value: { to: 'bob', all: { status: 200, body: { total: 9, items } } } });
  });

  it('is what a condition reads through, by an activity', async () => {
    const condition = { left: '{{ $count(steps.fetch.output.body.items) }}', operator: 'equals', right: 3 } as const;
    const run = await startRun(
      flowOf({ check: { type: 'condition', condition }, yes: anAction(), no: anAction() }, [
        'fetch -> check',
        'check:true -> yes',
        'check:false -> no',
      ]),
    );
    await give(run, 'fetch', page);
    expect(run.state().status).toBe('running');
    expect(await answer(run)).toMatchObject({ activityId: 'check!1', lane: 'durable' });
    expect(run.statuses()).toMatchObject({ check: 'succeeded', yes: 'running', no: 'skipped' });
    expect(JSON.stringify(run.state())).not.toContain('evaluations');
  });

  it('passes whole through return, and through a variable, as the same reference', async () => {
    const run = await startRun(
      flowOf(
        {
          remember: { type: 'setVariables', variables: { page: '{{ steps.fetch.output }}', one: 1 } },
          done: { type: 'return', output: '{{ vars.page }}' },
        },
        ['fetch -> remember', 'remember -> done'],
      ),
    );
    await give(run, 'fetch', page);
    const { sha256 } = run.state().scopes['root']?.steps['fetch']?.large?.reference ?? {};
    expect(await answer(run)).toMatchObject({ evaluate: { work: { type: 'compose' } } });
    expect(run.state()).toMatchObject({ status: 'succeeded', outputReference: { sha256 } });
    expect(run.commands()).toMatchObject([{ type: 'closeRun', status: 'succeeded', outputReference: { sha256 } }]);
  });

  it('gives a loop its items, whose large results come together outside', async () => {
    const run = await startRun(
      flowOf(
        {
          each: {
            type: 'forEach',
            items: '{{ steps.fetch.output.body.items }}',
            concurrency: 1,
            onItemFailure: 'park',
            result: null,
          },
          load: anAction({ input: '{{ item.id }}' }),
        },
        ['fetch -> each'],
        { each: ['load'] },
      ),
    );
    await give(run, 'fetch', page);
    await answer(run);
    await run.succeed('each[0].load', 'small');
    await give(run, 'each[1].load', page);
    await give(run, 'each[2].load', { other: page });
    const command = await answer(run);
    expect(command.evaluate?.references.map(({ path }) => path)).toEqual([
      ['value', 'results', '1'],
      ['value', 'results', '2'],
    ]);
    const sha256 =
      run.state().outputReference?.sha256 ?? run.state().scopes['root']?.steps['each']?.large?.reference.sha256;
    expect(stored.get(sha256 ?? '')).toEqual({ results: ['small', page, { other: page }], count: 3, failed: [] });
    expect(run.state().status).toBe('succeeded');
  });

  it('gives a frame its result, and the run goes on when that has been evaluated', async () => {
    const run = await startRun(
      flowOf(
        {
          guard: { type: 'try', catches: null, result: '{{ $sum(steps.load.output.body.items.id) }}' },
          load: anAction(),
        },
        ['fetch -> guard'],
        { guard: ['load'] },
      ),
    );
    await run.succeed('fetch', 1);
    await give(run, 'guard.load', page);
    expect(run.state().status).toBe('running');
    expect(await answer(run)).toMatchObject({ path: 'guard!', activityId: 'guard!1' });
    expect(run.state().scopes['root']?.steps['guard']).toMatchObject({ status: 'succeeded', output: 6 });
  });

  it('fails the step whose expression fails, with the place, and a retry evaluates anew', async () => {
    const output = '{{ $number(steps.fetch.output.body.text) }}';
    const run = await startRun(flowOf({ done: { type: 'return', output } }, ['fetch -> done']));
    await give(run, 'fetch', page);
    await answer(run);
    expect(run.state().scopes['root']?.steps['done']).toMatchObject({
      status: 'needs_attention',
      failure: { name: 'expression_failed', message: expect.stringMatching(/^output: at character \d+: /) },
    });
    await run.repair({ action: 'retryStep', path: 'done' });
    expect(scheduledNow(run)).toMatchObject([{ activityId: 'done~2!1' }]);
  });

  it('is not waited for when the run is cancelled', async () => {
    const output = '{{ $string(steps.fetch.output) }}';
    const run = await startRun(flowOf({ done: { type: 'return', output } }, ['fetch -> done']));
    await give(run, 'fetch', page);
    await run.send({ type: 'cancelRequested' });
    expect(run.commands()).toContainEqual({ type: 'cancelActivity', path: 'done', ordinal: 1 });
    await run.send({ type: 'stepCancelled', path: 'done', ordinal: 1 });
    expect(run.state().status).toBe('cancelled');
  });

  it('says what is too large where a control step looks at a value itself', async () => {
    const run = await startRun(
      flowOf({ pause: { type: 'delay', duration: '{{ steps.fetch.output }}' } }, ['fetch -> pause']),
    );
    await give(run, 'fetch', { text: 'x'.repeat(300_000) });
    await answer(run);
    expect(run.state().scopes['root']?.steps['pause']?.failure).toMatchObject({
      name: 'expression_failed',
      message: expect.stringContaining('262144 are possible'),
    });
  });
});

describe('data that looks like a reference', () => {
  const looksLikeOne = (sha256: string): Json => ({
    $ref: `blob:${sha256}`,
    ref: `blob:${sha256}`,
    reference: { ref: `blob:${sha256}`, sha256, bytes: 40_000, preview: 'x' },
    large: { reference: { ref: `blob:${sha256}`, sha256, bytes: 40_000, preview: 'x' } },
    sha256,
    bytes: 40_000,
    preview: 'x',
  });

  it('stays data, wherever it comes in and whatever it passes through', async () => {
    const { sha256 } = largeValue(page).reference;
    const anyValue = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }).map((value) => value as Json),
      fc.constant(looksLikeOne(sha256)),
      fc.constant([looksLikeOne(sha256)] as Json),
    );
    await fc.assert(
      fc.asyncProperty(anyValue, anyValue, anyValue, async (trigger, output, completed) => {
        const run = await startRun(
          aPlan({
            steps: {
              act: anAction({ input: { given: '{{ trigger }}' } }),
              ask: anAction({ input: ['{{ steps.act.output }}'] }),
              remember: { type: 'setVariables', variables: { kept: '{{ steps.ask.output }}' } },
              done: { type: 'return', output: ['{{ vars.kept }}', '{{ steps.act.output }}'] },
            },
            edges: ['start -> act', 'act -> ask', 'ask -> remember', 'remember -> done'],
          }),
          trigger,
        );
        const plain = (value: Json) => JSON.parse(JSON.stringify(value)) as Json;
        expect(scheduledNow(run)).toMatchObject([{ input: { given: plain(trigger) } }]);
        await run.succeed('act', output);
        expect(scheduledNow(run)).toMatchObject([{ input: [plain(output)] }]);
        await run.fail('ask');
        await run.repair({ action: 'completeStep', path: 'ask', output: completed });
        expect(run.state()).toMatchObject({ status: 'succeeded', output: [plain(completed), plain(output)] });
        expect(run.state().outputReference).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is brought along of a value', () => {
  it.each([
    ['a path', ['body.total'], { paths: [['body', 'total']], value: { body: { total: 3 } } }],
    ['a quoted name', ['body.`a b`'], { paths: [['body', 'a b']], value: { body: { 'a b': 1 } } }],
    ['a list as a whole', ['body.items.id'], { paths: [['body', 'items']], value: { body: { items: [{ id: 1 }] } } }],
    ['that something is missing', ['body.none.deep'], { paths: [['body', 'none']], value: {} }],
    ['nothing that is too large', ['body.text'], undefined],
    ['nothing of the whole', [''], undefined],
  ])('%s', (_, reads, expected) => {
    const value = { body: { total: 3, 'a b': 1, items: [{ id: 1 }], text: 'x'.repeat(5_000) } };
    expect(excerptOf(value, reads)).toEqual(expected);
  });
});
