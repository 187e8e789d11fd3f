import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Json } from '../flow/plan.ts';
import { isClosed } from '../run/status.ts';
import type { Approver } from '../run/waits.ts';
import { checkAnswer } from './check-answer.ts';
import { checkArrival } from './check-arrival.ts';
import { pathOf } from './place.ts';
import type { RunState } from './state.ts';
import { anAction, aPlan } from './testing/a-plan.ts';
import { startRun, type TestRun } from './testing/a-run.ts';

const keys = ['a', 'b', 'c'] as const;
const plan = aPlan({
  steps: {
    each: { type: 'forEach', items: keys, concurrency: 2, onItemFailure: 'park', result: null },
    guarded: { type: 'try', catches: null, result: null },
    first: { type: 'waitForEvent', event: 'paid', correlationKey: '{{ item }}', match: null, timeout: '1h' },
    second: {
      type: 'waitForEvent',
      event: 'paid',
      correlationKey: '{{ item }}',
      match: { left: '{{ event.data }}', operator: 'greaterThan', right: 1 },
      timeout: null,
    },
    tidy: { type: 'finally' },
    sign: {
      type: 'approval',
      subject: null,
      message: null,
      fields: [],
      roles: ['operator'],
      people: [],
      approvals: 2,
      rejections: 1,
      timeout: '2h',
    },
    act: anAction(),
  },
  edges: ['start -> each', 'first -> second', 'sign:approved -> act'],
  frames: { each: ['guarded'], guarded: ['first', 'second', 'tidy'], tidy: ['sign', 'act'] },
});

type Happening =
  | { readonly type: 'event'; readonly id: number; readonly key: (typeof keys)[number]; readonly data: number }
  | { readonly type: 'answer'; readonly by: number; readonly decision: 'approved' | 'rejected' }
  | { readonly type: 'time'; readonly minutes: number }
  | { readonly type: 'act' | 'complete' | 'skip' }
  | { readonly type: 'cancel'; readonly chance: number };

const anyHappening: fc.Arbitrary<Happening & { readonly which: number }> = fc
  .tuple(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          type: fc.constant('event' as const),
          id: fc.nat(12),
          key: fc.constantFrom(...keys),
          data: fc.nat(3),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          type: fc.constant('answer' as const),
          by: fc.nat(2),
          decision: fc.constantFrom('approved' as const, 'approved' as const, 'rejected' as const),
        }),
      },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('time' as const), minutes: fc.nat(70) }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('act' as const) }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('complete' as const, 'skip' as const) }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('cancel' as const), chance: fc.nat(20) }) },
    ),
    fc.nat(30),
  )
  .map(([happening, which]) => ({ ...happening, which }));

const stepsOf = (state: RunState) =>
  Object.entries(state.scopes).flatMap(([scope, { steps }]) =>
    Object.entries(steps).map(([stepId, step]) => ({ path: pathOf({ scope, stepId }), stepId, step })),
  );

/** Every event that a step of this run has taken, with the key it waited for. */
const taken = (run: TestRun) =>
  run.reports().flatMap((report) => {
    if (report.type !== 'reportStep') return [];
    const { stepId, status, output, path, ordinal } = report.transition;
    const isWait = stepId === 'first' || stepId === 'second';
    const event = output as { id?: string; correlationKey?: string; data?: Json } | null | undefined;
    return isWait && status === 'succeeded' && event?.id ? [{ path, ordinal, stepId, event }] : [];
  });

const person = (by: number): Approver => ({ userId: `user_${by}`, name: `${by}`, role: 'operator', email: null });

const happen = async (run: TestRun, happening: Happening & { which: number }): Promise<void> => {
  const state = run.state();
  const waiting = stepsOf(state).filter(({ step }) => step.waitsFor);
  const pick = <T>(list: readonly T[]): T | undefined => list[happening.which % Math.max(1, list.length)];
  switch (happening.type) {
    case 'event': {
      // Also to steps that wait for something else, or not at all.
      const target = pick(stepsOf(state).filter(({ stepId }) => stepId === 'first' || stepId === 'second'));
      if (!target) return;
      const waits = target.step.waitsFor;
      const event = {
        id: `event_${happening.id}`,
        name: 'paid',
        correlationKey: happening.which % 3 > 0 && waits?.type === 'event' ? waits.correlationKey : happening.key,
        data: happening.data,
        receivedAt: '',
      };
      const arrival = { path: target.path, ordinal: target.step.ordinal, event };
      const before = taken(run).length;
      const verdict = checkArrival(state, arrival);
      await run.send({ type: 'eventArrived', ...arrival });
      if (!verdict.ok) expect(run.state()).toEqual(state);
      const fits = verdict.ok && (target.stepId === 'first' || happening.data > 1);
      expect(taken(run).length - before).toBe(fits ? 1 : 0);
      return;
    }
    case 'answer': {
      const target = pick(stepsOf(state).filter(({ stepId }) => stepId === 'sign'));
      if (!target) return;
      const answer = {
        path: target.path,
        ordinal: target.step.ordinal,
        decision: happening.decision,
        values: {},
        comment: null,
      };
      const verdict = checkAnswer(plan, state, answer, person(happening.by));
      await run.send({ type: 'approvalAnswered', answer, by: person(happening.by) });
      if (!verdict.ok) expect(run.state()).toEqual(state);
      else expect(run.state().seq).toBeGreaterThan(state.seq);
      return;
    }
    case 'time':
      return run.wait(happening.minutes * 60_000);
    case 'act': {
      const acting = pick(stepsOf(state).filter(({ stepId, step }) => stepId === 'act' && step.status === 'running'));
      return acting && run.succeed(acting.path);
    }
    case 'complete':
    case 'skip': {
      const target = pick(waiting);
      if (!target) return;
      if (happening.type === 'skip') return run.repair({ action: 'skipStep', path: target.path });
      const output = target.stepId === 'sign' ? { decision: 'rejected' } : { data: 'by hand' };
      return run.repair({ action: 'completeStep', path: target.path, output });
    }
    case 'cancel':
      return happening.chance === 0 ? run.send({ type: 'cancelRequested' }) : undefined;
  }
};

it('whatever comes, in whatever order: no event is taken twice or by whom it does not concern, no clock outlives its step, and the run ends', async () => {
  let ended = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyHappening, { minLength: 5, maxLength: 60 }), async (happenings) => {
      const run = await startRun(plan);
      for (const happening of happenings) {
        if (isClosed(run.state().status)) break;
        await happen(run, happening);
        const steps = stepsOf(run.state());
        const waits = steps.filter(({ stepId, step }) => step.status === 'waiting' && stepId !== 'act');
        expect(waits.every(({ step }) => step.waitsFor !== undefined)).toBe(true);
        expect(steps.filter(({ step }) => step.waitsFor).length).toBe(waits.length);
        const clocks = Object.keys(run.state().timers).filter((timerId) => timerId.startsWith('timeout:'));
        expect(clocks.every((timerId) => waits.some(({ path }) => timerId.startsWith(`timeout:${path}:`)))).toBe(true);
      }
      const events = taken(run);
      expect(new Set(events.map(({ event }) => event.id)).size).toBe(events.length);
      for (const { path, event } of events) expect(path).toContain(`[${keys.indexOf(event.correlationKey as 'a')}]`);
      // What still waits can be brought to its end.
      for (let turn = 0; turn < 200 && !isClosed(run.state().status); turn += 1) {
        const open = stepsOf(run.state()).find(({ step }) => step.waitsFor);
        const acting = stepsOf(run.state()).find(({ stepId, step }) => stepId === 'act' && step.status === 'running');
        if (open) await run.repair({ action: 'skipStep', path: open.path });
        else if (acting) await run.succeed(acting.path);
        else break;
      }
      expect(isClosed(run.state().status)).toBe(true);
      ended += events.length;
    }),
    { numRuns: 200 },
  );
  // The property speaks of runs that take events.
  expect(ended).toBeGreaterThan(200);
});
