import { createServer } from 'node:http';
import { nodeDefinitions } from '@everwave/activities/definitions';
import { tables, withSystem } from '@everwave/schema/db';
import { compileFlow, type FlowGraphInput, flowGraphSchema, type Json, type Plan } from '@everwave/schema/flow';
import { toManifest } from '@everwave/schema/node';
import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { createSiteHarness } from './site-harness.ts';

// From the drawing, as a builder makes it, to what an HTTP service was asked for: compiled, run on Temporal, with the real node.

type DrawnNode = Partial<FlowGraphInput['nodes'][number]> & { readonly kind: string };

/** `/status/<code>/…` answers with that status, `/second/…` after two seconds, `/flaky/<n>/…` fails n times, others at once. */
const asked: string[] = [];
const site = createServer((request, response) => {
  const url = request.url ?? '';
  asked.push(url);
  const [, kind, argument] = url.split('/');
  const times = asked.filter((each) => each === url).length;
  response.setHeader('content-type', 'application/json');
  if (kind === 'status') response.statusCode = Number(argument);
  if (kind === 'flaky' && times <= Number(argument)) response.statusCode = 503;
  setTimeout(() => response.end(JSON.stringify({ url, times })), kind === 'seconds' ? Number(argument) * 1_000 : 0);
});

let harness: Harness;
let address: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ harness, address, close } = await createSiteHarness(site));
});
beforeEach(() => void asked.splice(0));
afterAll(() => close());

const manifests = nodeDefinitions.map((definition) => toManifest(definition));

/** Steps by id and arrows such as `start > check`, `check.true > send`. */
const drawn = (nodes: { readonly [id: string]: DrawnNode }, arrows: readonly string[]): Plan => {
  const graph = flowGraphSchema.parse({
    nodes: Object.entries({ start: { kind: 'trigger.manual' }, ...nodes }).map(([id, node]) => ({
      id,
      title: id,
      ...node,
    })),
    edges: arrows.map((arrow, index) => {
      const [from = '', to = ''] = arrow.split(' > ');
      const [id = '', port = 'out'] = from.split('.');
      return { id: `e${index}`, from: id, port, to };
    }),
  });
  const compiled = compileFlow({ flowId: 'flow_1', flowVersion: 1, title: 'Drawn', graph, manifests });
  if (!compiled.ok) throw new Error(compiled.issues.map(({ message }) => message).join('\n'));
  return compiled.plan;
};
/** What a builder sets at a step: short waits, so that the test need not wait. */
const tries = (maximumAttempts: number) =>
  ({ maximumAttempts, initialInterval: '100ms', maximumInterval: '200ms' }) as const;
const call = (path: string, rest: Partial<DrawnNode> = {}): DrawnNode => ({
  kind: 'http.request',
  input: { url: `${address}${path}` },
  policy: tries(1),
  ...rest,
});
const condition = (terms: Json): DrawnNode => ({ kind: 'control.condition', input: { condition: terms } });
const give = (output: Json): DrawnNode => ({ kind: 'control.return', input: { output } });

const runOf = async (plan: Plan, trigger: Json = {}, status = 'succeeded') => {
  const run = await harness.start(plan, { trigger });
  const { run: row, steps } = await untilStatus(run, status);
  const ran = steps.filter(({ status: ended }) => ended !== 'skipped').map(({ path }) => path);
  return { run, row, steps, ran, of: (path: string) => steps.find((step) => step.path === path) };
};
const attemptsOf = ({ runId }: RunUnderTest) =>
  withSystem(harness.db, (tx) =>
    tx
      .select()
      .from(tables.runAttempts)
      .where(eq(tables.runAttempts.runId, runId))
      .orderBy(asc(tables.runAttempts.attempt)),
  );
const milliseconds = ({ startedAt, finishedAt }: { startedAt: Date | null; finishedAt: Date | null }): number =>
  (finishedAt?.getTime() ?? 0) - (startedAt?.getTime() ?? 0);

describe('a condition', () => {
  it('runs the steps of the branch that matches, and none of the other', async () => {
    const plan = drawn(
      {
        check: condition({ left: '{{ trigger.total }}', operator: 'greaterThan', right: 100 }),
        large: call('/large'),
        small: call('/small'),
      },
      ['start > check', 'check.true > large', 'check.false > small'],
    );
    const large = await runOf(plan, { total: 129.9 });
    expect(large.ran.toSorted()).toEqual(['check', 'large', 'start']);
    expect(large.of('small')).toMatchObject({ status: 'skipped', attempts: 0, startedAt: null });
    const small = await runOf(plan, { total: 100 });
    expect(small.ran.toSorted()).toEqual(['check', 'small', 'start']);
    expect(asked).toEqual(['/large', '/small']);
  });

  it('of two terms holds when both do, and not when either does not', async () => {
    const plan = drawn(
      {
        check: condition({
          all: [
            { left: '{{ trigger.total }}', operator: 'greaterThan', right: 100 },
            { left: '{{ trigger.tier }}', operator: 'equals', right: 'gold' },
          ],
        }),
        yes: give('both'),
        no: give('not both'),
      },
      ['start > check', 'check.true > yes', 'check.false > no'],
    );
    const cases: readonly (readonly [total: number, tier: string])[] = [
      [129, 'gold'],
      [129, 'tin'],
      [99, 'gold'],
      [99, 'tin'],
    ];
    const outputs = await Promise.all(
      cases.map(async ([total, tier]) => (await runOf(plan, { total, tier })).row.output),
    );
    expect(outputs).toEqual(['both', 'not both', 'not both', 'not both']);
  });
});

it('a switch goes the way of the case that fits, and the default way for a value that no case names', async () => {
  const plan = drawn(
    {
      by: {
        kind: 'control.switch',
        input: {
          value: '{{ trigger.country }}',
          cases: [
            { port: 'swiss', equals: 'CH' },
            { port: 'german', equals: 'DE' },
          ],
        },
      },
      swiss: call('/ch'),
      german: call('/de'),
      other: call('/other'),
    },
    ['start > by', 'by.swiss > swiss', 'by.german > german', 'by.default > other'],
  );
  for (const country of ['DE', 'CH', 'FR']) await runOf(plan, { country });
  expect(asked).toEqual(['/de', '/ch', '/other']);
});

it('two branches of two seconds end in about two seconds, and the step behind their merge runs once, after both', async () => {
  const plan = drawn(
    {
      both: { kind: 'control.parallel' },
      left: call('/seconds/2/left'),
      right: call('/seconds/2/right'),
      join: { kind: 'control.merge' },
      after: call('/after'),
    },
    ['start > both', 'both > left', 'both > right', 'left > join', 'right > join', 'join > after'],
  );
  const { row, of } = await runOf(plan);
  expect(milliseconds(row)).toBeGreaterThanOrEqual(2_000);
  expect(milliseconds(row)).toBeLessThan(3_500);
  expect(asked.toSorted()).toEqual(['/after', '/seconds/2/left', '/seconds/2/right']);
  const began = of('after')?.startedAt?.getTime() ?? 0;
  for (const branch of ['left', 'right']) {
    expect(began).toBeGreaterThanOrEqual(of(branch)?.finishedAt?.getTime() ?? Number.NaN);
  }
});

describe('a loop', () => {
  it('over five items has five iterations, in their order', async () => {
    const plan = drawn(
      {
        each: { kind: 'control.forEach', input: { items: '{{ trigger.items }}', concurrency: 1 } },
        send: call('/item/{{ item }}', { parent: 'each' }),
        done: give('{{ steps.each.output.results.body.url }}'),
      },
      ['start > each', 'each > done'],
    );
    const { row } = await runOf(plan, { items: [1, 2, 3, 4, 5] });
    const urls = [1, 2, 3, 4, 5].map((item) => `/item/${item}`);
    expect(asked).toEqual(urls);
    expect(row.output).toEqual(urls);
  });

  it('that does not come to its end within its limit fails, and says what the limit is', async () => {
    const plan = drawn(
      {
        again: {
          kind: 'control.while',
          input: {
            condition: { left: '{{ trigger.goOn }}', operator: 'isTrue' },
            maximumIterations: 3,
          },
        },
        send: call('/again', { parent: 'again' }),
      },
      ['start > again'],
    );
    const { of } = await runOf(plan, { goOn: true }, 'needs_attention');
    expect(asked).toEqual(['/again', '/again', '/again']);
    expect(of('again')).toMatchObject({
      status: 'needs_attention',
      failure: { name: 'too_many_iterations', message: expect.stringContaining('3') },
    });
  });
});

describe('a step that fails', () => {
  it('twice is tried a third time, which shows, and then goes on', async () => {
    const plan = drawn(
      { send: call('/flaky/2/order', { policy: tries(5) }), done: give('{{ steps.send.output.body.times }}') },
      ['start > send', 'send > done'],
    );
    const { run, row, of } = await runOf(plan);
    expect(row.output).toBe(3);
    expect(of('send')).toMatchObject({ status: 'succeeded', attempts: 3 });
    expect((await attemptsOf(run)).map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'succeeded'],
    ]);
  });

  it('is tried exactly as often as its builder has set', async () => {
    const plan = drawn({ send: call('/status/503/always', { policy: tries(3) }) }, ['start > send']);
    const { run, of } = await runOf(plan, {}, 'needs_attention');
    expect(of('send')).toMatchObject({ attempts: 3, failure: { name: 'server_error' } });
    expect(asked).toHaveLength(3);
    const { events } = await run.handle.fetchHistory();
    const policies = (events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.retryPolicy?.maximumAttempts ?? [],
    );
    expect(policies).toEqual([3]);
    const begun = (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) => started?.attempt ?? []);
    expect(begun).toEqual([3]);
  });

  it('for good, as an answer 400 says, is tried once, however often it might be', async () => {
    const plan = drawn({ send: call('/status/400/wrong', { policy: tries(6) }) }, ['start > send']);
    const { run, of } = await runOf(plan, {}, 'needs_attention');
    expect(of('send')).toMatchObject({ attempts: 1, failure: { name: 'bad_request' } });
    expect(await attemptsOf(run)).toHaveLength(1);
    expect(asked).toEqual(['/status/400/wrong']);
  });

  it('goes its error way once its attempts are used up, where the failure is read', async () => {
    const plan = drawn(
      {
        send: call('/status/503/down', { policy: tries(2) }),
        never: call('/never'),
        tell: call('/tell?why={{ steps.send.failure.name }}'),
      },
      ['start > send', 'send > never', 'send.error > tell'],
    );
    const { ran, of } = await runOf(plan);
    expect(asked).toEqual(['/status/503/down', '/status/503/down', '/tell?why=server_error']);
    expect(of('tell')).toMatchObject({ input: { url: `${address}/tell?why=server_error` } });
    expect(ran).not.toContain('never');
  });

  it('ends the run where its builder wants that: what follows does not run, and the failure stands at the step', async () => {
    const plan = drawn(
      { send: call('/status/404/gone', { policy: { ...tries(1), onFailure: 'fail' } }), after: call('/after') },
      ['start > send', 'send > after'],
    );
    const { of, row } = await runOf(plan, {}, 'failed');
    expect(of('send')).toMatchObject({ status: 'failed', failure: { name: 'not_found' } });
    expect(of('after')).toMatchObject({ status: 'skipped', attempts: 0, startedAt: null });
    expect(row.failure).toMatchObject({ name: 'not_found' });
    expect(asked).toEqual(['/status/404/gone']);
  });
});
