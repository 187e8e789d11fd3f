import { deliverEvent } from '@everwave/temporal/runs';
import type { ActionStep, Plan } from '@everwave/schema/flow';
import { isClosed } from '@everwave/schema/run';
import { beforeAll, expect, it } from 'vitest';
import { aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { eventually, type RunUnderTest, untilOver } from './harness.ts';
import { type CountingService, startService, useKillableWorker } from './killable.ts';
import { retrying } from './plans.ts';
import { reconcile } from './rebuild.ts';

// All events: EVERWAVE_KILL_AT=all pnpm kill-at-each-event. Some of them: EVERWAVE_KILL_AT=12,40
const wanted = process.env['EVERWAVE_KILL_AT'];
const seed = Number(process.env['EVERWAVE_KILL_SEED'] ?? 20_261_130);

const setUp = useKillableWorker(() => startService('doomed', 60));
beforeAll(() => setUp.worker.start());

/** Thirty steps: a branch, joins, a loop, waits, an event, a sub-flow, a retry, a try with its finally, and undo steps. */
const drawFlow = (service: CountingService): Plan => {
  const post = (path: string): ReturnType<CountingService['post']> => service.post(`{{ run.id }}/${path}`);
  const { retry, ...limits } = retrying(20);
  const options = {
    ...limits,
    startToCloseTimeout: '3s' as const,
    retry: { ...retry, nonRetryableErrorTypes: ['not_found'] },
  };
  const doomed = (changes: Partial<ActionStep> = {}) => ({ ...service.post('doomed'), options, ...changes });
  const undoable = (id: string) => ({
    [id]: { ...post(id), undo: `un${id}` },
    [`un${id}`]: { ...post(`un${id}`), undoes: id },
  });
  const inLoop = (id: string) => post(`${id}-{{ item }}`);
  const shipping = aPlan({
    steps: { pack: service.post('{{ trigger.body }}/pack'), ship: service.post('{{ trigger.body }}/ship') },
    edges: ['start -> pack', 'pack -> ship'],
  });
  return aPlan({
    steps: {
      first: post('first'),
      check: { type: 'condition', condition: { left: '{{ trigger.total }}', operator: 'greaterThan', right: 100 } },
      big: post('big'),
      small: post('small'),
      either: { type: 'merge', policy: { join: 'all' } },
      fork: { type: 'parallel' },
      left: post('left'),
      right: post('right'),
      both: { type: 'merge', policy: { join: 'all' } },
      each: { type: 'forEach', items: ['a', 'b'], concurrency: 1, onItemFailure: 'park', result: null },
      reserve: { ...inLoop('reserve'), undo: 'release' },
      release: { ...inLoop('release'), undoes: 'reserve' },
      note: { type: 'setVariables', variables: { last: '{{ item }}' } },
      pause: { type: 'delay', duration: '200ms' },
      paid: { type: 'waitForEvent', event: 'paid', correlationKey: '{{ run.id }}', match: null, timeout: '1h' },
      late: post('late'),
      call: {
        type: 'subflow',
        plan: { ...shipping, flowId: 'flow_2', title: 'Shipping' },
        planHash: 'other',
        trigger: { stepId: 'start', kind: 'trigger.manual' },
        input: '{{ run.id }}',
        mode: 'wait',
      },
      flaky: post('flaky'),
      guarded: { type: 'try', catches: null, result: null },
      ...undoable('pay'),
      refused: doomed(),
      tidy: { type: 'finally' },
      unlock: post('unlock'),
      told: post('told'),
      ...undoable('charge'),
      broken: doomed({ onFailure: 'fail' }),
      never: post('never'),
    },
    edges: [
      'start -> first',
      'first -> check',
      'check:true -> big',
      'check:false -> small',
      'big -> either',
      'small -> either',
      'either -> fork',
      'fork -> left',
      'fork -> right',
      'left -> both',
      'right -> both',
      'both -> each',
      'reserve -> note',
      'each -> pause',
      'pause -> paid',
      'paid -> call',
      'paid:timeout -> late',
      'call -> flaky',
      'flaky -> guarded',
      'pay -> refused',
      'guarded:caught -> told',
      'told -> charge',
      'charge -> broken',
      'broken -> never',
    ],
    frames: {
      each: ['reserve', 'release', 'note'],
      guarded: ['pay', 'unpay', 'refused', 'tidy'],
      tidy: ['unlock'],
    },
  });
};

/** All that can be seen of a run from outside when it is over. */
interface Seen {
  readonly end: string;
  readonly steps: readonly string[];
  readonly effects: readonly string[];
  readonly events: number;
}

const lengthOf = async ({ handle }: RunUnderTest): Promise<number> => (await handle.describe()).historyLength;

/** Plays the flow once; the worker is killed as soon as its history has so many events. */
const play = async (plan: Plan, killAt: number | null): Promise<Seen> => {
  const { service, harness, worker } = setUp;
  const run = await harness.start(plan, { trigger: { total: 129.9 } });
  let isOver = false;
  const killing = (async () => {
    while (killAt !== null && !isOver) {
      if ((await lengthOf(run)) >= killAt) return worker.replace();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const paying = (async () => {
    const event = {
      id: 'pay_1',
      name: 'paid',
      correlationKey: run.runId,
      data: null,
      receivedAt: '2026-11-21T12:00:00.000Z',
    };
    while (!isOver) {
      const { steps } = await run.projection();
      const isWaiting = steps.some(({ path, status }) => path === 'paid' && status === 'waiting');
      const address = { orgId: harness.orgId, runId: run.runId };
      const sent = isWaiting
        ? await deliverEvent(harness.client, address, { path: 'paid', ordinal: 1, event }, 'pay_1').catch(() => null)
        : null;
      if (sent?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  await untilOver(run).finally(() => {
    isOver = true;
  });
  await Promise.all([killing, paying]);
  await eventually(
    () => reconcile(harness, run),
    (result) => result === 'equal',
    60_000,
  );
  const { run: row, steps } = await run.projection();
  expect(isClosed(row.status)).toBe(true);
  const own = `${run.runId}/`;
  return {
    end: `${row.status} ${row.failure?.name} ${JSON.stringify(row.output)}`,
    steps: steps
      .map(({ path, ordinal, status, generation }) => `${path}~${ordinal} ${status} ${generation}`)
      .toSorted(),
    // Two branches go on at once: which is first is nobody's to say.
    effects: service
      .effects()
      .filter((path) => path.startsWith(own))
      .map((path) => path.slice(own.length).replace(/^(left|right)$/, 'left or right')),
    events: await lengthOf(run),
  };
};

/** So many different numbers from 1 to `most`, always the same for a seed. */
const someOf = (most: number, count: number): readonly number[] => {
  const found = new Set<number>();
  for (let state = seed; found.size < Math.min(count, most); ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    found.add(1 + (state % most));
  }
  return [...found];
};

it('a run of thirty steps ends the same, with each effect once, at whichever event of its history the worker is killed', async () => {
  const { service } = setUp;
  const plan = drawFlow(service);
  expect(Object.keys(plan.steps)).toHaveLength(30);
  const undisturbed = await play(plan, null);
  expect(undisturbed.effects).toEqual([
    'first',
    'big',
    'left or right',
    'left or right',
    'reserve-a',
    'reserve-b',
    'pack',
    'ship',
    'flaky',
    'pay',
    'unpay',
    'unlock',
    'told',
    'charge',
    'uncharge',
    'release-b',
    'release-a',
  ]);
  const { events, ...expected } = undisturbed;
  const each = Array.from({ length: events }, (_, index) => index + 1);
  const moments = wanted === 'all' ? each : (wanted?.split(',').map(Number) ?? someOf(events, 3));
  const differences: { readonly killedAt: number; readonly seen: unknown }[] = [];
  for (const killedAt of moments) {
    const { events: _, ...seen } = await play(plan, killedAt);
    try {
      expect(seen).toEqual(expected);
    } catch {
      differences.push({ killedAt, seen });
    }
  }
  process.stdout.write(
    `${JSON.stringify({ events, killedAt: moments.length, requests: service.requests(), effects: service.effects().length, differences })}\n`,
  );
  expect(differences).toEqual([]);
}, 7_200_000);
