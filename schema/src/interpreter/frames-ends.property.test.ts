import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, PlanRegion, PlanStep } from '../flow/plan.ts';
import { isClosed } from '../run/status.ts';
import { advance } from './advance.ts';
import { checkRepair } from './check-repair.ts';
import { createState } from './create-state.ts';
import type { KernelEvent, Repair } from './event.ts';
import { pathOf } from './place.ts';
import type { RunState } from './state.ts';
import { anyFramedScenario, type FramedScenario } from './testing/any-frames.ts';
import { withLimits } from './testing/with-limits.ts';
import { withSubflows } from './testing/with-subflows.ts';
import { withUndos } from './testing/with-undos.ts';

type Untimed<Event> = Event extends unknown ? Omit<Event, 'at'> : never;
type Happening = Untimed<KernelEvent>;

const by = { userId: 'u', name: 'Ada', role: 'owner' };
const broken = { name: 'broken', message: 'It broke.' };

const stepsOf = (state: RunState, status: string) =>
  Object.entries(state.scopes).flatMap(([scope, { steps }]) =>
    Object.entries(steps).flatMap(([stepId, step]) =>
      step.status === status ? [{ path: pathOf({ scope, stepId }), stepId, ordinal: step.ordinal }] : [],
    ),
  );

/** The same plan, but wherever several steps are the last of their frame, the first of them to end decides. */
const withRaces = (plan: Plan, others: 'cancel' | 'continue'): Plan => {
  const steps: { [id: string]: PlanStep } = { ...plan.steps };
  const regions: { [id: string]: PlanRegion } = { ...plan.regions };
  const edges = [...plan.edges];
  for (const region of Object.values(plan.regions)) {
    const before = region.steps.filter((id) => !['trigger', 'finally'].includes(plan.steps[id]?.type ?? ''));
    const last = before.filter((id) => plan.steps[id]?.outgoing.length === 0);
    if (last.length < 2) continue;
    const id = `first_of_${region.id}`;
    const incoming = last.map((from) => edges.push({ from, port: 'out', to: id }) - 1);
    for (const [index, from] of last.entries()) {
      steps[from] = { ...steps[from], outgoing: [incoming[index] ?? -1] } as PlanStep;
    }
    const policy = { join: 'count', count: 1, others, before } as const;
    const order = Object.keys(steps).length;
    steps[id] = { id, title: id, type: 'merge', policy, region: region.id, order, incoming, outgoing: [] };
    regions[region.id] = { ...region, steps: [...region.steps, id] };
  }
  return { ...plan, steps, regions, edges };
};

/** Everything that could happen to the run next, but for its end by a person. */
const possible = ({ plan }: Pick<FramedScenario, 'plan'>, state: RunState): readonly Happening[] => {
  const running = stepsOf(state, 'running').filter(({ stepId }) => plan.steps[stepId]?.type === 'action');
  const children = stepsOf(state, 'waiting').filter(({ stepId }) => plan.steps[stepId]?.type === 'subflow');
  const parked = stepsOf(state, 'needs_attention');
  const repairs = parked.flatMap(({ path }): Repair[] => [
    { action: 'retryStep', path },
    { action: 'skipStep', path },
    { action: 'completeStep', path, output: null },
  ]);
  for (const repair of repairs) expect(checkRepair(plan, state, repair)).toEqual({ ok: true });
  return [
    ...running.flatMap(({ path, ordinal }): Happening[] => [
      { type: 'stepSucceeded', path, ordinal, output: path },
      { type: 'stepFailed', path, ordinal, failure: broken, attempts: 3 },
      { type: 'stepFailed', path, ordinal, failure: { ...broken, unsure: true }, attempts: 3 },
      { type: 'stepDeferred', path, ordinal, until: 0, reason: 'later' },
      { type: 'stepCancelled', path, ordinal },
    ]),
    ...children.flatMap(({ path, ordinal, stepId }): Happening[] => {
      const step = plan.steps[stepId];
      if (step?.type === 'subflow' && step.mode === 'detach') return [{ type: 'childStarted', path, ordinal }];
      return [
        { type: 'childEnded', path, ordinal, end: { status: 'succeeded', output: path } },
        { type: 'childEnded', path, ordinal, end: { status: 'failed', failure: broken } },
        { type: 'childEnded', path, ordinal, end: { status: 'cancelled' } },
      ];
    }),
    ...repairs.map((repair): Happening => ({ type: 'repaired', repair, by })),
    ...Object.keys(state.timers).map((timerId): Happening => ({ type: 'timerFired', timerId })),
  ];
};

describe('whatever becomes of its steps, whatever people do and whichever time runs out', () => {
  it('a run ends, or waits for something that will come; no activity id comes twice', async () => {
    const choices = fc.array(fc.nat(1_000), { maxLength: 60 });
    const races = fc.constantFrom('none' as const, 'cancel' as const, 'continue' as const);
    const end = fc.constantFrom<Happening>(
      { type: 'cancelRequested' },
      { type: 'repaired', repair: { action: 'failRun' }, by },
      { type: 'timerFired', timerId: 'run' },
    );
    await fc.assert(
      fc.asyncProperty(
        anyFramedScenario,
        races,
        choices,
        end,
        fc.nat(60),
        fc.boolean(),
        fc.boolean(),
        async ({ plan: drawn }, race, chosen, ending, moment, isUndone, hasSubflows) => {
          const raced = race === 'none' ? drawn : withRaces(drawn, race);
          const limited = withLimits(isUndone ? withUndos(raced) : raced);
          const plan = hasSubflows ? withSubflows(limited) : limited;
          const scenario = { plan };
          let state = createState(plan);
          let at = 0;
          const activities = new Set<string>();
          const feed = async (happening: Happening): Promise<void> => {
            at += 1;
            const { state: next, commands } = await advance(plan, state, { ...happening, at } as KernelEvent);
            state = next;
            for (const command of commands) {
              if (command.type === 'startChild') {
                expect(activities).not.toContain(command.childRunId);
                activities.add(command.childRunId);
              }
              if (command.type !== 'scheduleActivity') continue;
              const id = `${command.activityId} after ${command.attemptsBefore ?? 0}`;
              expect(activities).not.toContain(id);
              activities.add(id);
            }
          };
          const run = { id: 'run_1', url: '', flowName: 'Any' };
          await feed({ type: 'started', triggerStepId: 'start', trigger: null, run, seed: 3 });
          for (const [turn, choice] of chosen.entries()) {
            if (isClosed(state.status)) break;
            if (turn === moment) await feed(ending);
            const all = possible(scenario, state);
            const next = all[choice % all.length];
            if (next) await feed(next);
          }
          // From here on everybody is patient: activities end well, and time passes.
          for (let turn = 0; turn < 3_000 && !isClosed(state.status); turn += 1) {
            const all = possible(scenario, state).filter(
              (each) =>
                each.type === 'stepSucceeded' ||
                each.type === 'timerFired' ||
                each.type === 'childStarted' ||
                (each.type === 'childEnded' && each.end.status === 'succeeded'),
            );
            expect(all).not.toEqual([]);
            const ends = all.filter(({ type }) => type !== 'timerFired');
            const next = ends[0] ?? all.find((each) => each.type === 'timerFired' && each.timerId !== 'run') ?? all[0];
            if (next) await feed(next);
          }
          expect(isClosed(state.status)).toBe(true);
          expect(Object.keys(state.scopes)).toEqual(['root']);
          expect(state.timers).toEqual({});
          expect(stepsOf(state, 'pending').concat(stepsOf(state, 'running'), stepsOf(state, 'waiting'))).toEqual([]);
        },
      ),
      { numRuns: 600 },
    );
  });
});
