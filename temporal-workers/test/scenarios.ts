import { randomUUID } from 'node:crypto';
import { type ApprovalStep, generationOfFork, type Json, type Plan } from '@everwave/schema/flow';
import type { OutsideEvent, RepairRequest } from '@everwave/schema/run';
import {
  answerApproval,
  deliverEvent,
  migrateRun,
  repairRun,
  type RepairAction,
  supersedeRun,
} from '@everwave/temporal/runs';
import { childRunIdOf } from '../../schema/src/interpreter/child-run-id.ts';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { withBatches } from '../../schema/src/interpreter/testing/with-batches.ts';
import { seqOf, startForkOf, toFork } from './fork-of.ts';
import { eventually, type Harness, type RunUnderTest, type StartOptions, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';

/** One feature of the engine, on its way from start to end. */
export interface Scenario {
  readonly plan: Plan;
  readonly options?: StartOptions;
  /** What must have happened before it is started, and how it is started then. */
  readonly prepare?: (harness: Harness) => Promise<StartOptions>;
  /** What people do while it runs. */
  readonly drive?: (run: RunUnderTest, harness: Harness) => Promise<void>;
}

const by = { userId: 'user_1', name: 'Ada', role: 'operator' };
const echo = (input: Json = {}) => anAction({ activity: 'test.echo@1', input, effect: 'reads', idempotency: 'nature' });
const fast = (input: Json = {}) => anAction({ activity: 'test.echo@1', input, lane: 'express' });
const risky = (input: Json = {}) => anAction({ activity: 'test.fail@1', input, options: retrying(2) });
const repairing =
  (action: RepairAction, request: Partial<RepairRequest> = {}) =>
  async (run: RunUnderTest, { client, orgId }: Harness): Promise<void> => {
    await untilStatus(run, 'needs_attention');
    await repairRun(client, { orgId, runId: run.runId }, action, { requestId: randomUUID(), by, ...request });
  };

/** Eight items, three in each batch and two at the same time. */
const inBatches = (input: Json): Plan =>
  withBatches(
    aPlan({
      steps: {
        each: {
          type: 'forEach',
          items: [0, 1, 2, 3, 4, 5, 6, 7],
          concurrency: 2,
          onItemFailure: 'park',
          result: '{{ item }}',
        },
        send: anAction({ activity: 'test.fail@1', input, options: retrying(1) }),
        // A run that ends with its last batch does its last workflow task twice when the two meet.
        after: { type: 'delay', duration: '700ms' },
        done: { type: 'return', output: '{{ steps.each.output.results }}' },
      },
      edges: ['start -> each', 'each -> after', 'after -> done'],
      frames: { each: ['send'] },
    }),
    3,
  );

const forkableInBatches = inBatches({ fix: true });
/** Waits for a person in two batches, and has no room for the third. */
const parkedInBatches = inBatches({ fix: '{{ item % 3 != 1 }}' });

const paid = {
  type: 'waitForEvent' as const,
  event: 'order.paid',
  correlationKey: '{{ trigger.orderId }}',
  match: null,
  timeout: null,
};
const payment = (id: string): OutsideEvent => ({
  id,
  name: 'order.paid',
  correlationKey: 'A-1042',
  data: { amount: 129.9 },
  receivedAt: '2026-11-21T12:00:00.000Z',
});
const bring =
  (id: string, at = 'wait', ordinal = 1) =>
  async (run: RunUnderTest, { client, orgId }: Harness): Promise<void> => {
    await untilStatus(run, 'waiting');
    await deliverEvent(client, { orgId, runId: run.runId }, { path: at, ordinal, event: payment(id) }, `${id}/${at}`);
  };

const ask = {
  type: 'approval' as const,
  subject: 'Refund it?',
  message: null,
  fields: [{ name: 'reason', type: 'text' as const, required: true }],
  roles: ['operator'],
  people: [],
  approvals: 1,
  rejections: 1,
  timeout: null,
};
const approvalPlan = (changes: Partial<ApprovalStep> = {}) =>
  aPlan({
    steps: { ask: { ...ask, ...changes }, yes: echo('{{ steps.ask.output.values }}'), no: echo(), late: echo() },
    edges: ['start -> ask', 'ask:approved -> yes', 'ask:rejected -> no', 'ask:timeout -> late'],
  });
const answer = (
  { client, orgId }: Harness,
  { runId }: RunUnderTest,
  who: string,
  decision: 'approved' | 'rejected' = 'approved',
): Promise<unknown> =>
  answerApproval(
    client,
    { orgId, runId },
    {
      requestId: randomUUID(),
      by: { userId: who, name: who, role: 'operator', email: `${who}@example.org` },
      answer: { path: 'ask', ordinal: 1, decision, values: { reason: 'broken' }, comment: null },
    },
  );
const answering =
  (...answers: readonly (readonly [who: string, decision: 'approved' | 'rejected'])[]) =>
  async (run: RunUnderTest, harness: Harness): Promise<void> => {
    await untilStatus(run, 'waiting');
    await Promise.all(answers.map(([who, decision]) => answer(harness, run, who, decision)));
  };

const loop = {
  type: 'forEach' as const,
  items: '{{ trigger.items }}',
  concurrency: 2,
  onItemFailure: 'park' as const,
  result: null,
};

const parkedPlan = aPlan({
  steps: {
    risky: risky(),
    after: echo('{{ steps.risky.output }}'),
  },
  edges: ['start -> risky', 'risky -> after'],
});
const path = 'risky';

/** A step, and one that undoes it and reads what it gave. */
const undoable = (id: string, undo = anAction({ activity: 'test.echo@1' })) => ({
  [id]: anAction({ activity: 'test.echo@1', input: id, undo: `un${id}` }),
  [`un${id}`]: { ...undo, undoes: id, input: { gave: `{{ steps.${id}.output.echoed }}`, fixAt: 2 } },
});
const doomed = { ...risky(), onFailure: 'fail' as const };
const third = (steps: Plan['steps'] | object = {}) =>
  aPlan({
    steps: { ...undoable('a'), ...undoable('b'), doomed, ...undoable('d'), ...steps },
    edges: ['start -> a', 'a -> b', 'b -> doomed', 'doomed -> d'],
  });

/** A flow that runs as a sub-flow of another one. */
const anotherFlow = (steps: Parameters<typeof aPlan>[0]['steps'], edges: readonly string[]): Plan => ({
  ...aPlan({ steps, edges }),
  flowId: 'flow_2',
  flowVersion: 3,
  title: 'Shipping',
});
const subflowOf = (plan: Plan, mode: 'wait' | 'detach' = 'wait') => ({
  type: 'subflow' as const,
  plan,
  planHash: 'other',
  trigger: { stepId: 'start', kind: 'trigger.manual' },
  input: { name: '{{ trigger.name }}' },
  mode,
});
const shipping = anotherFlow(
  { pack: echo('{{ trigger.body.name }}'), done: { type: 'return', output: '{{ steps.pack.output.echoed }}' } },
  ['start -> pack', 'pack -> done'],
);
const slowShipping = anotherFlow(
  { pause: { type: 'delay', duration: '2s' }, done: { type: 'return', output: '{{ trigger.body.name }}' } },
  ['start -> pause', 'pause -> done'],
);
const stuckShipping = anotherFlow({ stuck: anAction({ activity: 'test.hang@1' }) }, ['start -> stuck']);
const zonedShipping = {
  ...anotherFlow({ pack: echo('{{ env.ZONE }}'), done: { type: 'return', output: '{{ env.ZONE }}' } }, [
    'start -> pack',
    'pack -> done',
  ]),
  variables: { ZONE: 'value' as const },
};
const doomedUnlessFixed = anotherFlow(
  { pack: { ...risky({ fix: '{{ $exists(trigger.body.fix) }}' }), onFailure: 'fail' } },
  ['start -> pack'],
);

/** One per feature: each has a recorded history that must replay. */
export const startScenario = async (scenario: Scenario, harness: Harness): Promise<RunUnderTest> =>
  harness.start(scenario.plan, scenario.prepare ? await scenario.prepare(harness) : scenario.options);

const forkable = aPlan({
  steps: { first: echo('first'), risky: risky(), pause: { type: 'delay', duration: '1s' }, after: echo('after') },
  edges: ['start -> first', 'first -> risky', 'first -> pause', 'risky -> after'],
});
const large = anAction({ activity: 'test.large@1', effect: 'reads', idempotency: 'nature' });
const forkableLarge = aPlan({
  steps: {
    each: { ...loop, items: [1, 2, 3], result: '{{ $count(steps.load.output.rows) + item }}' },
    load: large,
    put: echo('{{ steps.load.output.total }}'),
    all: { ...loop, items: [1, 2] },
    again: large,
    after: echo(['{{ steps.each.output.results }}', '{{ $count(steps.all.output.results) }}']),
  },
  edges: ['start -> each', 'load -> put', 'each -> all', 'all -> after'],
  frames: { each: ['load', 'put'], all: ['again'] },
});
const newer = {
  ...aPlan({
    steps: { first: echo('first'), risky: risky(), beside: echo('{{ steps.first.output }}'), after: echo('renewed') },
    edges: ['start -> first', 'first -> risky', 'first -> beside', 'risky -> after'],
  }),
  flowVersion: 2,
};

const calling = aPlan({
  steps: { ship: subflowOf(shipping), after: echo('{{ steps.ship.output }}') },
  edges: ['start -> ship', 'ship -> after'],
});

export const scenarios: { readonly [name: string]: Scenario } = {
  'actions-in-a-row': {
    plan: aPlan({
      steps: { first: echo('{{ trigger.name }}'), second: echo('{{ steps.first.output }}'), third: echo() },
      edges: ['start -> first', 'first -> second', 'second -> third'],
    }),
    options: { trigger: { name: 'Ada' } },
  },
  'large-values': {
    plan: aPlan({
      steps: {
        fetch: anAction({ activity: 'test.large@1', effect: 'reads', idempotency: 'nature', reads: ['total'] }),
        part: echo('{{ steps.fetch.output.total }}'),
        check: {
          type: 'condition',
          condition: { left: '{{ $count(steps.fetch.output.rows) }}', operator: 'equals', right: 3 },
        },
        each: { ...loop, items: '{{ steps.fetch.output.rows }}' },
        load: anAction({ activity: 'test.large@1', effect: 'reads', idempotency: 'nature' }),
        guard: { type: 'try', catches: null, result: '{{ $sum(steps.again.output.rows.id) }}' },
        again: anAction({ activity: 'test.large@1', effect: 'reads', idempotency: 'nature' }),
        remember: {
          type: 'setVariables',
          variables: { all: '{{ steps.each.output }}', sum: '{{ steps.guard.output }}' },
        },
        risky: { ...risky('{{ vars.all }}') },
        done: { type: 'return', output: '{{ vars.all }}' },
      },
      edges: [
        'start -> fetch',
        'fetch -> part',
        'part -> check',
        'check:true -> each',
        'each -> guard',
        'guard -> remember',
        'remember -> risky',
        'risky -> done',
      ],
      frames: { each: ['load'], guard: ['again'] },
    }),
    drive: repairing('completeStep', { path: 'risky', output: { done: true } }),
  },
  'large-values-cancelled': {
    plan: aPlan({
      steps: {
        fetch: anAction({ activity: 'test.large@1', effect: 'reads', idempotency: 'nature' }),
        hang: anAction({
          activity: 'test.hang@1',
          input: '{{ steps.fetch.output }}',
          effect: 'reads',
          idempotency: 'nature',
        }),
      },
      edges: ['start -> fetch', 'fetch -> hang'],
    }),
    drive: async (run) => {
      await eventually(
        () => run.projection(),
        ({ steps }) => steps.some(({ path: at, status }) => at === 'hang' && status === 'running'),
      );
      await run.handle.cancel();
    },
  },
  'large-values-of-a-subflow': {
    plan: aPlan({
      steps: {
        ask: subflowOf(
          anotherFlow({ fetch: large, done: { type: 'return', output: '{{ steps.fetch.output }}' } }, [
            'start -> fetch',
            'fetch -> done',
          ]),
        ),
        count: echo('{{ $count(steps.ask.output.rows) }}'),
      },
      edges: ['start -> ask', 'ask -> count'],
    }),
    options: { trigger: { name: 'Ada' } },
  },
  'large-values-of-a-wait': {
    plan: aPlan({
      steps: {
        fetch: large,
        wait: {
          ...paid,
          match: {
            left: '{{ event.data.amount }}',
            operator: 'greaterThan',
            right: '{{ $count(steps.fetch.output.rows) }}',
          },
        },
        after: echo('{{ steps.wait.output.data }}'),
      },
      edges: ['start -> fetch', 'fetch -> wait', 'wait -> after'],
    }),
    options: { trigger: { orderId: 'A-1042' } },
    drive: bring('event-1'),
  },
  'large-values-forked': {
    plan: forkableLarge,
    prepare: async (harness) => {
      const origin = await harness.start(forkableLarge);
      await untilStatus(origin, 'succeeded');
      const order = { at: 'each[1].put', outputs: {}, generation: generationOfFork(1) };
      return { fork: { origin, forkNumber: 1, originRunId: origin.runId, originSeq: null, ...order } };
    },
  },
  'parallel-and-merge': {
    plan: aPlan({
      steps: {
        fork: { type: 'parallel' },
        left: echo({ sleep: 60 }),
        right: echo(),
        join: { type: 'merge', policy: { join: 'all' } },
        done: { type: 'return', output: ['{{ steps.left.output }}', '{{ steps.right.output }}'] },
      },
      edges: ['start -> fork', 'fork -> left', 'fork -> right', 'left -> join', 'right -> join', 'join -> done'],
    }),
  },
  'condition-and-dead-path': {
    plan: aPlan({
      steps: {
        check: { type: 'condition', condition: { left: '{{ trigger.total }}', operator: 'greaterThan', right: 100 } },
        big: echo(),
        small: echo(),
        join: { type: 'merge', policy: { join: 'all' } },
        remember: { type: 'setVariables', variables: { total: '{{ trigger.total }}' } },
        done: { type: 'return', output: '{{ vars.total }}' },
      },
      edges: [
        'start -> check',
        'check:true -> big',
        'check:false -> small',
        'big -> join',
        'small -> join',
        'join -> remember',
        'remember -> done',
      ],
    }),
    options: { trigger: { total: 129.9 } },
  },
  'error-edge': {
    plan: aPlan({
      steps: { risky: risky(), told: echo('{{ steps.risky.failure.name }}') },
      edges: ['start -> risky', 'risky:error -> told'],
    }),
  },
  'fails-at-once': {
    plan: aPlan({ steps: { risky: { ...risky(), onFailure: 'fail' } }, edges: ['start -> risky'] }),
  },
  delay: {
    plan: aPlan({
      steps: { pause: { type: 'delay', duration: '100ms' }, after: echo() },
      edges: ['start -> pause', 'pause -> after'],
    }),
  },
  deferred: {
    plan: aPlan({ steps: { busy: anAction({ activity: 'test.defer@1' }) }, edges: ['start -> busy'] }),
  },
  'retry-with-edited-input': { plan: parkedPlan, drive: repairing('retryStep', { path, input: { fix: true } }) },
  'complete-step': { plan: parkedPlan, drive: repairing('completeStep', { path, output: { by: 'hand' } }) },
  'skip-step': { plan: parkedPlan, drive: repairing('skipStep', { path }) },
  'repair-of-a-letter': {
    plan: parkedPlan,
    drive: repairing('retryStep', { path, input: { fix: true }, letter: { path, ordinal: 1 } }),
  },
  'fail-run': { plan: parkedPlan, drive: repairing('failRun') },
  'cancel-run': { plan: parkedPlan, drive: repairing('cancelRun') },
  'cancel-while-running': {
    plan: aPlan({
      steps: { stuck: anAction({ activity: 'test.hang@1' }), read: { ...echo({ sleep: 2_000 }) } },
      edges: ['start -> stuck', 'start -> read'],
    }),
    drive: async (run) => {
      await eventually(
        () => run.projection(),
        ({ steps }) =>
          steps.some(({ path: at, status, attempts }) => at === 'stuck' && status === 'running' && attempts === 1),
      );
      await run.handle.cancel();
    },
  },
  'for-each': {
    plan: aPlan({
      steps: {
        each: { ...loop, onItemFailure: 'collect' },
        get: risky({ item: '{{ item }}', fix: '{{ item != "b" }}' }),
        put: echo({ sleep: '{{ 60 - 20 * loop.index }}', got: '{{ steps.get.output }}' }),
        done: { type: 'return', output: '{{ steps.each.output }}' },
      },
      edges: ['start -> each', 'get -> put', 'each -> done'],
      frames: { each: ['get', 'put'] },
    }),
    options: { trigger: { items: ['a', 'b', 'c', 'd'] } },
  },
  'for-each-parked-item': {
    plan: aPlan({
      steps: { each: loop, risky: risky({ fixAt: '{{ item = "b" ? 2 : 1 }}' }), after: echo() },
      edges: ['start -> each', 'each -> after'],
      frames: { each: ['risky'] },
    }),
    options: { trigger: { items: ['a', 'b', 'c'] } },
    drive: repairing('retryStep', { path: 'each[1].risky' }),
  },
  while: {
    plan: aPlan({
      steps: {
        pages: {
          type: 'while',
          condition: { left: '{{ loop.index }}', operator: 'lessThan', right: 3 },
          check: 'after',
          maximumIterations: 10,
          result: '{{ steps.page.output }}',
        },
        page: echo('{{ loop.index }}'),
      },
      edges: ['start -> pages'],
      frames: { pages: ['page'] },
    }),
  },
  'try-catch-finally': {
    plan: aPlan({
      steps: {
        guarded: { type: 'try', catches: ['out_of_order'], result: null },
        risky: risky(),
        beside: echo({ sleep: 2_000 }),
        tidy: { type: 'finally' },
        unlock: echo('unlock'),
        told: echo('{{ steps.guarded.failure.name }}'),
      },
      edges: ['start -> guarded', 'guarded:caught -> told'],
      frames: { guarded: ['risky', 'beside', 'tidy'], tidy: ['unlock'] },
    }),
  },
  'cancel-runs-finally': {
    plan: aPlan({
      steps: {
        guarded: { type: 'try', catches: null, result: null },
        stuck: anAction({ activity: 'test.hang@1' }),
        tidy: { type: 'finally' },
        unlock: echo('unlock'),
      },
      edges: ['start -> guarded'],
      frames: { guarded: ['stuck', 'tidy'], tidy: ['unlock'] },
    }),
    drive: async (run) => {
      await eventually(
        () => run.projection(),
        ({ steps }) => steps.some(({ path: at, attempts }) => at === 'guarded.stuck' && attempts === 1),
      );
      await run.handle.cancel();
    },
  },
  'first-of-two': {
    plan: aPlan({
      steps: {
        quick: echo(),
        stuck: anAction({ activity: 'test.hang@1' }),
        pause: { type: 'delay', duration: '1h' },
        first: {
          type: 'merge',
          policy: { join: 'count', count: 1, others: 'cancel', before: ['quick', 'stuck', 'pause'] },
        },
        after: echo(),
      },
      edges: [
        'start -> quick',
        'start -> stuck',
        'start -> pause',
        'quick -> first',
        'stuck -> first',
        'pause -> first',
        'first -> after',
      ],
    }),
  },
  'two-of-four': {
    plan: aPlan({
      steps: {
        quick: echo(),
        slow: echo({ sleep: 150 }),
        stuck: anAction({ activity: 'test.hang@1' }),
        pause: { type: 'delay', duration: '1h' },
        two: {
          type: 'merge',
          policy: { join: 'count', count: 2, others: 'cancel', before: ['quick', 'slow', 'stuck', 'pause'] },
        },
        after: echo(),
      },
      edges: [
        'start -> quick',
        'start -> slow',
        'start -> stuck',
        'start -> pause',
        'quick -> two',
        'slow -> two',
        'stuck -> two',
        'pause -> two',
        'two -> after',
      ],
    }),
  },
  'two-of-three-others-go-on': {
    plan: aPlan({
      steps: {
        quick: echo(),
        slow: echo({ sleep: 150 }),
        pause: { type: 'delay', duration: '2s' },
        late: echo(),
        two: {
          type: 'merge',
          policy: { join: 'count', count: 2, others: 'continue', before: ['quick', 'slow', 'pause', 'late'] },
        },
        after: echo(),
      },
      edges: [
        'start -> quick',
        'start -> slow',
        'start -> pause',
        'pause -> late',
        'quick -> two',
        'slow -> two',
        'late -> two',
        'two -> after',
      ],
    }),
  },
  'stop-as-succeeded': {
    plan: aPlan({
      steps: {
        first: echo('{{ trigger.name }}'),
        stuck: anAction({ activity: 'test.hang@1' }),
        never: echo(),
        end: { type: 'stop', outcome: 'succeeded', value: { greeted: '{{ steps.first.output.echoed }}' } },
      },
      edges: ['start -> first', 'start -> stuck', 'first -> end', 'stuck -> never'],
    }),
    options: { trigger: { name: 'Ada' } },
  },
  'wait-until-and-stop': {
    plan: aPlan({
      steps: {
        pause: { type: 'waitUntil', until: '{{ $fromMillis($toMillis(run.startedAt) + 100) }}' },
        stuck: anAction({ activity: 'test.hang@1' }),
        end: { type: 'stop', outcome: 'failed', value: 'No stock.' },
      },
      edges: ['start -> pause', 'start -> stuck', 'pause -> end'],
    }),
  },
  'respond-and-go-on': {
    plan: aPlan({
      steps: {
        first: echo('{{ trigger.name }}'),
        say: {
          type: 'respond',
          status: '{{ trigger.code }}',
          headers: { 'x-name': '{{ trigger.name }}' },
          body: '{{ steps.first.output }}',
        },
        pause: { type: 'delay', duration: '100ms' },
        again: { type: 'respond', status: 200, headers: {}, body: null },
        after: echo('{{ steps.again.failure.name }}'),
      },
      edges: ['start -> first', 'first -> say', 'say -> pause', 'pause -> again', 'again:error -> after'],
    }),
    options: { trigger: { name: 'Ada', code: 201 } },
  },
  'event-arrives': {
    plan: aPlan({
      steps: {
        wait: {
          ...paid,
          match: { left: '{{ event.data.amount }}', operator: 'greaterThan', right: 100 },
          timeout: '1h',
        },
        after: echo('{{ steps.wait.output.data.amount }}'),
      },
      edges: ['start -> wait', 'wait -> after'],
    }),
    options: { trigger: { orderId: 'A-1042' } },
    drive: bring('pay_1'),
  },
  'event-came-twice': {
    plan: aPlan({
      steps: { wait: paid, again: paid, after: echo('{{ steps.again.output.id }}') },
      edges: ['start -> wait', 'wait -> again', 'again -> after'],
    }),
    options: { trigger: { orderId: 'A-1042' } },
    drive: async (run, harness) => {
      await bring('pay_1')(run, harness);
      for (const id of ['pay_1', 'pay_2']) await bring(id, 'again')(run, harness);
    },
  },
  'event-in-a-loop': {
    plan: aPlan({
      steps: {
        each: loop,
        wait: { ...paid, timeout: '400ms' },
        told: echo('{{ steps.wait.output.id }}'),
        sorry: echo(),
      },
      edges: ['start -> each', 'wait -> told', 'wait:timeout -> sorry'],
      frames: { each: ['wait', 'told', 'sorry'] },
    }),
    options: { trigger: { items: ['a', 'b', 'c'], orderId: 'A-1042' } },
    drive: bring('pay_1', 'each[0].wait'),
  },
  'event-timeout': {
    plan: aPlan({
      steps: { wait: { ...paid, timeout: '100ms' }, after: echo(), late: echo() },
      edges: ['start -> wait', 'wait -> after', 'wait:timeout -> late'],
    }),
    options: { trigger: { orderId: 'A-1042' } },
  },
  'event-after-continue-as-new': {
    plan: aPlan({
      steps: {
        ...Object.fromEntries(['a', 'b'].map((id) => [id, echo(id)])),
        wait: { ...paid, timeout: '1h' },
        after: echo(),
      },
      edges: ['start -> wait', 'start -> a', 'a -> b', 'wait -> after'],
    }),
    options: { trigger: { orderId: 'A-1042' }, historyLimit: 12 },
    drive: bring('pay_1'),
  },
  'approval-approved': { plan: approvalPlan(), drive: answering(['ada', 'approved']) },
  'approval-rejected': { plan: approvalPlan(), drive: answering(['ada', 'rejected']) },
  'approval-timed-out': { plan: approvalPlan({ timeout: '100ms' }) },
  'approval-answered-twice': { plan: approvalPlan(), drive: answering(['ada', 'approved'], ['bob', 'rejected']) },
  'approval-by-two': {
    plan: approvalPlan({ approvals: 2 }),
    drive: answering(['ada', 'approved'], ['bob', 'approved']),
  },
  'approval-completed-by-hand': {
    plan: approvalPlan(),
    drive: async (run, harness) => {
      await untilStatus(run, 'waiting');
      const request = { requestId: randomUUID(), by, path: 'ask', output: { decision: 'rejected' } };
      await repairRun(harness.client, { orgId: harness.orgId, runId: run.runId }, 'completeStep', request);
    },
  },
  'for-each-in-batches': {
    plan: inBatches({ fix: '{{ item != 5 }}', fixAt: 2 }),
    drive: repairing('retryStep', { path: 'each[5].send' }),
  },
  'express-for-each': {
    plan: aPlan({
      steps: { each: loop, get: fast('{{ item }}'), put: fast('{{ steps.get.output.echoed }}') },
      edges: ['start -> each', 'get -> put'],
      frames: { each: ['get', 'put'] },
    }),
    options: { trigger: { items: ['a', 'b', 'c'] } },
  },
  'time-limit': {
    plan: aPlan({
      steps: {
        guarded: { type: 'try', catches: ['timed_out'], result: null, timeLimit: '1s' },
        ...undoable('a'),
        stuck: anAction({ activity: 'test.hang@1' }),
        told: echo('{{ steps.guarded.failure.name }}'),
      },
      edges: ['start -> guarded', 'a -> stuck', 'guarded:caught -> told'],
      frames: { guarded: ['a', 'una', 'stuck'] },
    }),
  },
  subflow: {
    plan: calling,
    options: { trigger: { name: 'Ada' } },
  },
  'subflow-detached': {
    plan: aPlan({
      steps: { ship: subflowOf(shipping, 'detach'), done: { type: 'return', output: '{{ steps.ship.output }}' } },
      edges: ['start -> ship', 'ship -> done'],
    }),
    options: { trigger: { name: 'Ada' } },
  },
  // In its second history too, in a sub-flow, and of a secret the name alone.
  variables: {
    plan: aPlan({
      steps: {
        first: echo('{{ env.ZONE }}'),
        call: {
          ...echo({ key: 'Bearer {{ env.TOKEN }}' }),
          secrets: [{ path: ['key'], names: ['TOKEN'] }],
        },
        ship: subflowOf(zonedShipping),
        after: echo('{{ env.LIMITS.most + 1 }}'),
        done: { type: 'return', output: '{{ [env.ZONE, steps.ship.output] }}' },
      },
      edges: ['start -> first', 'first -> call', 'call -> ship', 'ship -> after', 'after -> done'],
    }),
    options: {
      env: { ZONE: 'eu', LIMITS: { most: 7 }, TOKEN: '{{ env.TOKEN }}' },
      historyLimit: 16,
      trigger: { name: 'Ada' },
    },
  },
  'subflow-fails-and-is-retried': {
    plan: aPlan({ steps: { ship: subflowOf(doomedUnlessFixed) }, edges: ['start -> ship'] }),
    options: { trigger: { name: 'Ada' } },
    drive: repairing('retryStep', { path: 'ship', input: { fix: true } }),
  },
  'subflow-continues-as-new': {
    plan: aPlan({
      steps: {
        ship: subflowOf(slowShipping),
        ...Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, echo(id)])),
        join: { type: 'merge', policy: { join: 'all' } },
        done: { type: 'return', output: '{{ steps.ship.output }}' },
      },
      edges: ['start -> ship', 'start -> a', 'a -> b', 'b -> c', 'c -> d', 'd -> join', 'ship -> join', 'join -> done'],
    }),
    options: { historyLimit: 16, trigger: { name: 'Ada' } },
  },
  'subflow-cancelled': {
    plan: aPlan({ steps: { ship: subflowOf(stuckShipping) }, edges: ['start -> ship'] }),
    options: { trigger: { name: 'Ada' } },
    drive: async (run, { client, orgId }) => {
      await eventually(
        () =>
          client.workflow
            .getHandle(`t/${orgId}/r/${childRunIdOf(run.runId, 'ship', 1)}`)
            .describe()
            .catch(() => null),
        (child) => (child?.raw.pendingActivities?.length ?? 0) > 0,
      );
      await run.handle.cancel();
    },
  },
  compensation: { plan: third() },
  'compensation-continues-as-new': { plan: third(), options: { historyLimit: 14 } },
  'compensation-parked': {
    plan: third(undoable('b', anAction({ activity: 'test.fail@1', options: retrying(1) }))),
    drive: repairing('retryStep', { path: 'unb' }),
  },
  'compensation-of-frames': {
    plan: aPlan({
      steps: {
        each: { ...loop, items: ['x', 'y'] },
        ...undoable('reserve'),
        guarded: { type: 'try', catches: null, result: null },
        ...undoable('inner'),
        risky: risky(),
        doomed,
      },
      edges: ['start -> each', 'each -> guarded', 'inner -> risky', 'guarded:caught -> doomed'],
      frames: { each: ['reserve', 'unreserve'], guarded: ['inner', 'uninner', 'risky'] },
    }),
  },
  'compensation-on-cancel': {
    plan: aPlan({
      steps: { ...undoable('a'), stuck: anAction({ activity: 'test.hang@1' }) },
      edges: ['start -> a', 'a -> stuck'],
    }),
    drive: async (run) => {
      await eventually(
        () => run.projection(),
        ({ steps }) => steps.some(({ path: at, attempts }) => at === 'stuck' && attempts === 1),
      );
      await run.handle.cancel();
    },
  },
  fork: {
    plan: forkable,
    prepare: async (harness) => {
      const origin = await harness.start(forkable);
      await untilStatus(origin, 'needs_attention');
      return { fork: toFork(origin, { at: 'risky', input: { fix: true }, originSeq: await seqOf(harness, origin) }) };
    },
  },
  'fork-in-a-subflow': {
    plan: calling,
    prepare: async (harness) => {
      const trigger = { name: 'Ada' };
      const origin = await harness.start(calling, { trigger });
      await origin.result();
      await untilStatus(origin, 'succeeded');
      const { runId } = harness.child(origin, 'ship');
      const order = { outputs: {}, generation: generationOfFork(1) };
      const child = { ...order, at: 'pack', originRunId: runId, rootRunId: runId };
      return {
        trigger,
        fork: { ...order, origin, forkNumber: 1, originRunId: origin.runId, originSeq: null, at: 'ship', child },
      };
    },
  },
  'fork-in-batches': {
    plan: forkableInBatches,
    prepare: async (harness) => {
      const origin = await harness.start(forkableInBatches);
      await origin.result();
      // What the batches have told may come a moment later.
      await eventually(
        () => origin.projection(),
        ({ run, steps }) =>
          run.status === 'succeeded' && steps.length === 12 && steps.every(({ status }) => status === 'succeeded'),
      );
      const order = {
        at: 'each[4].send',
        input: { fix: true, note: 'by hand' },
        outputs: {},
        generation: generationOfFork(1),
      };
      return { fork: { origin, forkNumber: 1, originRunId: origin.runId, originSeq: null, ...order } };
    },
  },
  'fork-refused': {
    plan: forkable,
    prepare: async (harness) => {
      const origin = await harness.start(forkable);
      await untilStatus(origin, 'needs_attention');
      const order = { at: 'after', outputs: {}, generation: generationOfFork(1) };
      return { fork: { origin, forkNumber: 1, originRunId: origin.runId, originSeq: 1, ...order } };
    },
  },
  superseded: {
    plan: aPlan({
      steps: { risky: risky(), slow: echo({ sleep: 2_000 }) },
      edges: ['start -> risky', 'start -> slow'],
    }),
    drive: async (run, harness) => {
      await untilStatus(run, 'needs_attention');
      const reference = { orgId: harness.orgId, runId: run.runId };
      const seq = await seqOf(harness, run);
      await supersedeRun(harness.client, reference, { byRunId: `run_${'f'.repeat(32)}`, seq });
    },
  },
  'superseded-in-batches': {
    plan: parkedInBatches,
    drive: async (run, harness) => {
      await eventually(
        () => run.projection(),
        ({ steps }) =>
          steps.filter(({ stepId, status }) => stepId === 'send' && status === 'needs_attention').length === 2,
      );
      const originSeq = await seqOf(harness, run);
      const fork = await startForkOf(harness, run, { at: 'each[4].send', input: { fix: true }, originSeq });
      await untilStatus(run, 'superseded');
      await fork.handle.cancel();
      await untilStatus(fork, 'cancelled');
    },
  },
  migrated: {
    plan: aPlan({
      steps: { first: echo('first'), risky: risky(), old: echo('old') },
      edges: ['start -> first', 'first -> risky', 'risky -> old'],
    }),
    drive: async (run, { client, orgId }) => {
      await untilStatus(run, 'needs_attention');
      const address = { orgId, runId: run.runId };
      await migrateRun(client, address, { requestId: randomUUID(), by, plan: newer, planHash: 'newer' });
      const request = { requestId: randomUUID(), by, path: 'risky', output: 1 };
      await repairRun(client, address, 'completeStep', request);
    },
  },
  'continue-as-new': {
    plan: aPlan({
      steps: { ...Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, echo(id)])), risky: risky({ fixAt: 2 }) },
      edges: ['start -> a', 'a -> b', 'b -> c', 'c -> d', 'start -> risky'],
    }),
    options: { historyLimit: 16 },
    drive: repairing('retryStep', { path }),
  },
  express: {
    plan: aPlan({
      steps: {
        first: fast('{{ trigger.name }}'),
        fork: { type: 'parallel' },
        left: fast({ sleep: 120 }),
        right: fast({ sleep: 30 }),
        after: fast('{{ steps.right.output }}'),
        join: { type: 'merge', policy: { join: 'all' } },
        done: { type: 'return', output: ['{{ steps.left.output }}', '{{ steps.after.output }}'] },
      },
      edges: [
        'start -> first',
        'first -> fork',
        'fork -> left',
        'fork -> right',
        'right -> after',
        'left -> join',
        'after -> join',
        'join -> done',
      ],
    }),
    options: { trigger: { name: 'Ada' } },
  },
  'express-with-durable-step': {
    plan: aPlan({
      steps: {
        first: fast(),
        slow: echo('{{ steps.first.output }}'),
        pause: { type: 'delay', duration: '50ms' },
        last: fast(),
      },
      edges: ['start -> first', 'first -> slow', 'slow -> pause', 'pause -> last'],
    }),
  },
  'express-retried-in-the-lane': {
    plan: aPlan({
      steps: { flaky: { ...fast({ fixAtAttempt: 3 }), activity: 'test.fail@1', options: retrying(5) } },
      edges: ['start -> flaky'],
    }),
  },
  'express-leaves-the-lane': {
    plan: aPlan({
      steps: { flaky: { ...fast({ fixAtAttempt: 2, retryIn: 3_500 }), activity: 'test.fail@1', options: retrying(5) } },
      edges: ['start -> flaky'],
    }),
  },
  'express-deferred': {
    plan: aPlan({ steps: { busy: { ...fast(), activity: 'test.defer@1' } }, edges: ['start -> busy'] }),
  },
  'express-outlasts-its-task': {
    plan: aPlan({
      steps: Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, fast({ sleep: 3_000 })])),
      edges: ['start -> a', 'a -> b', 'b -> c', 'c -> d'],
    }),
  },
  'express-continues-as-new': {
    plan: aPlan({
      steps: {
        ...Object.fromEntries(['a', 'c', 'e'].map((id) => [id, fast({ id })])),
        ...Object.fromEntries(['b', 'd'].map((id) => [id, echo({ id })])),
      },
      edges: ['start -> a', 'a -> b', 'b -> c', 'c -> d', 'd -> e'],
    }),
    options: { historyLimit: 9 },
  },
  'express-parked-and-retried': {
    plan: aPlan({
      steps: { risky: { ...risky({ fixAt: 2 }), lane: 'express' }, after: fast('{{ steps.risky.output }}') },
      edges: ['start -> risky', 'risky -> after'],
    }),
    drive: repairing('retryStep', { path }),
  },
};

/** Several runs in one host. */
export const hostScenarios: { readonly [name: string]: { readonly plan: Plan; readonly triggers: readonly Json[] } } = {
  host: {
    plan: aPlan({
      steps: {
        first: fast('{{ trigger.number }}'),
        fork: { type: 'parallel' },
        left: fast({ sleep: 60 }),
        right: fast({ sleep: 20 }),
        join: { type: 'merge', policy: { join: 'all' } },
        done: { type: 'return', output: '{{ steps.first.output.echoed }}' },
      },
      edges: [
        'start -> first',
        'first -> fork',
        'fork -> left',
        'fork -> right',
        'left -> join',
        'right -> join',
        'join -> done',
      ],
    }),
    triggers: Array.from({ length: 45 }, (_, number) => ({ number })),
  },
  'host-ejects': {
    plan: aPlan({
      steps: {
        kind: {
          type: 'switch',
          value: '{{ trigger.kind }}',
          cases: ['delay', 'durable', 'defer', 'slow'].map((port) => ({ port, equals: port })),
        },
        pause: { type: 'delay', duration: '80ms' },
        durable: echo(),
        beside: fast({ sleep: 300 }),
        busy: { ...fast(), activity: 'test.defer@1' },
        slow: fast({ sleep: 4_200 }),
        quick: fast(),
      },
      edges: [
        'start -> kind',
        'kind:delay -> pause',
        'kind:durable -> durable',
        'kind:durable -> beside',
        'kind:defer -> busy',
        'kind:slow -> slow',
        'kind:default -> quick',
      ],
    }),
    triggers: ['delay', 'durable', 'defer', 'slow', 'quick', 'quick'].map((kind) => ({ kind })),
  },
};
