import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../flow/plan.ts';
import { isClosed } from '../run/status.ts';
import { advance } from './advance.ts';
import type { Command, StepTransition } from './command.ts';
import { createState } from './create-state.ts';
import type { KernelEvent, Repair } from './event.ts';
import { pathOf, placeOf, rootScope } from './place.ts';
import type { RunState } from './state.ts';
import { anyFramedScenario } from './testing/any-frames.ts';
import { withUndos } from './testing/with-undos.ts';

type Untimed<Event> = Event extends unknown ? Omit<Event, 'at'> : never;
type Happening = Untimed<KernelEvent>;

const by = { userId: 'u', name: 'Ada', role: 'owner' };
const broken = { name: 'broken', message: 'It broke.' };

const isWithin = (scope: string, around: string): boolean =>
  around === rootScope || scope === around || scope.startsWith(`${around}.`);

/**
 * What is done and stands, in the order in which it was done, as anybody could write it down who reads the reports of a
 * run; fails when a step is undone that does not stand, or not in its turn.
 */
const createWitness = (plan: Plan) => {
  let standing: string[] = [];
  const take = (transition: StepTransition, state: RunState): void => {
    const { path, stepId, status } = transition;
    const step = plan.steps[stepId];
    if (step?.type !== 'action') return;
    if (step.undo !== undefined && status === 'succeeded') {
      standing = [...standing.filter((each) => each !== path), path];
    }
    const isBegun = status === 'running' && !begun.has(`${path}~${transition.ordinal}`);
    if (step.undoes === undefined || !isBegun) return;
    begun.add(`${path}~${transition.ordinal}`);
    if (retried.delete(path)) return;
    const { scope } = placeOf(path);
    const failing = Object.keys(state.scopes)
      .filter((each) => state.scopes[each]?.failure && isWithin(scope, each))
      .toSorted((left, right) => right.length - left.length)[0];
    const last = standing.findLast((each) => isWithin(placeOf(each).scope, failing ?? rootScope));
    expect(pathOf({ scope, stepId: step.undoes })).toBe(last);
    standing = standing.filter((each) => each !== last);
  };
  const begun = new Set<string>();
  const retried = new Set<string>();
  return { take, standing: () => standing, willRetry: (path: string) => void retried.add(path) };
};

/** Everything that could happen next, but for what gives up. */
const possible = (plan: Plan, state: RunState, asked: ReadonlySet<string>): readonly Happening[] =>
  Object.entries(state.scopes).flatMap(([scope, { steps }]) =>
    Object.entries(steps).flatMap(([stepId, { status, ordinal }]): Happening[] => {
      const path = pathOf({ scope, stepId });
      if (status === 'needs_attention') {
        const repairs: Repair[] = [
          { action: 'retryStep', path },
          { action: 'skipStep', path },
          { action: 'completeStep', path, output: path },
        ];
        return repairs.map((repair) => ({ type: 'repaired', repair, by }));
      }
      if (status !== 'running' || plan.steps[stepId]?.type !== 'action') return [];
      const succeeded: Happening = { type: 'stepSucceeded', path, ordinal, output: path };
      if (asked.has(`${path}~${ordinal}`)) return [succeeded, { type: 'stepCancelled', path, ordinal }];
      return [succeeded, succeeded, { type: 'stepFailed', path, ordinal, failure: broken, attempts: 3 }];
    }),
  );

describe('for any frames in frames, any outcomes and any order of events', () => {
  it('what stands when its scope fails is undone once, the last first, and nothing else is', async () => {
    const ends = { failed: 0, cancelled: 0, succeeded: 0, undone: 0 };
    await fc.assert(
      fc.asyncProperty(
        anyFramedScenario,
        fc.array(fc.nat(1_000), { minLength: 5, maxLength: 60 }),
        fc.nat(25),
        fc.constantFrom('fail' as const, 'cancel' as const),
        async ({ plan: drawn }, choices, moment, ending) => {
          const plan = withUndos(drawn);
          const witness = createWitness(plan);
          const asked = new Set<string>();
          let state = createState(plan);
          const watch = (command: Command, next: RunState): void => {
            if (command.type === 'cancelActivity') asked.add(`${command.path}~${command.ordinal}`);
            if (command.type === 'reportStep') witness.take(command.transition, next);
            if (command.type !== 'scheduleActivity') return;
            expect(asked).not.toContain(`${command.path}~${command.ordinal}`);
            const place = placeOf(command.path);
            const step = plan.steps[place.stepId];
            if (step?.type !== 'action' || step.undoes === undefined) return;
            expect(command.input).toBe(pathOf({ ...place, stepId: step.undoes }));
            ends.undone += 1;
          };
          const feed = async (happening: Happening): Promise<void> => {
            if (happening.type === 'repaired' && happening.repair.action === 'retryStep') {
              const { stepId } = placeOf(happening.repair.path);
              if (stepId.startsWith('un')) witness.willRetry(happening.repair.path);
            }
            const advanced = await advance(plan, state, { ...happening, at: 0 } as KernelEvent);
            const before = state;
            state = JSON.parse(JSON.stringify(advanced.state)) as RunState;
            for (const command of advanced.commands)
              watch(command, { ...before, scopes: { ...before.scopes, ...state.scopes } });
            // A frame that is gone has left nothing that it should have undone.
            for (const [path, { failure }] of Object.entries(before.scopes)) {
              if (!failure || state.scopes[path]) continue;
              expect(witness.standing().filter((each) => isWithin(placeOf(each).scope, path))).toEqual([]);
            }
          };
          const run = { id: 'run_1', url: '', flowName: 'Any' };
          await feed({ type: 'started', triggerStepId: 'start', trigger: null, run, seed: 3 });
          for (let turn = 0; turn < 1_500 && !isClosed(state.status); turn += 1) {
            if (turn === moment && !state.closing) {
              await feed(ending === 'cancel' ? { type: 'cancelRequested' } : { type: 'timerFired', timerId: 'run' });
              continue;
            }
            const all = possible(plan, state, asked);
            expect(all).not.toEqual([]);
            // In the end everybody is patient.
            const choice = turn > 200 ? 0 : (choices[turn % choices.length] ?? 0);
            const next =
              turn > 200 ? (all.find(({ type }) => type === 'stepSucceeded') ?? all[1]) : all[choice % all.length];
            if (next) await feed(next);
          }
          const { status } = state;
          expect(['failed', 'cancelled', 'succeeded']).toContain(status);
          if (status !== 'succeeded') expect(witness.standing()).toEqual([]);
          ends[status as 'failed'] += 1;
          expect(Object.keys(state.scopes)).toEqual([rootScope]);
          expect(state.timers).toEqual({});
        },
      ),
      { numRuns: 400 },
    );
    // The property has met what it is about.
    expect(ends.failed).toBeGreaterThan(20);
    expect(ends.cancelled).toBeGreaterThan(20);
    expect(ends.undone).toBeGreaterThan(200);
  });
});
