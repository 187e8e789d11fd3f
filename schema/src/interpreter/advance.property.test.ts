import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, PlanStep } from '../flow/plan.ts';
import { isClosed, type StepStatus } from '../run/status.ts';
import { advance } from './advance.ts';
import { checkRepair } from './check-repair.ts';
import type { Command } from './command.ts';
import { createState } from './create-state.ts';
import type { KernelEvent } from './event.ts';
import type { RunState } from './state.ts';
import { anAction, aPlan } from './testing/a-plan.ts';
import { anyScenario, type Scenario } from './testing/any-plan.ts';
import { foretell } from './testing/oracle.ts';

const outputOfAction = (id: string): Json => ({ from: id, n: [1, { deep: id }] });

const outputOf = (step: PlanStep): Json => {
  if (step.type === 'action') return outputOfAction(step.id);
  if (step.type === 'condition') return 'left' in step.condition && step.condition.left === 'true';
  if (step.type === 'setVariables') return { [step.id]: `set by ${step.id}` };
  return null;
};

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
};

interface Played {
  readonly state: RunState;
  readonly commands: readonly Command[];
}

interface PlayOptions {
  /** Keep the state as text between any two events, as a continued run does. */
  readonly asText?: boolean;
  /** Called before each event with the things that could happen; may add an event of its own. */
  readonly disturb?: (state: RunState, turn: number) => KernelEvent | null;
}

/**
 * Plays a scenario to its end: of all activities under way and the timer that is due first, the choices say what
 * happens next. Frozen states show that `advance` never writes to what it is given.
 */
const play = async ({ plan, endings, choices }: Scenario, options: PlayOptions = {}): Promise<Played> => {
  let state = createState(plan);
  let at = 1_000_000;
  const commands: Command[] = [];
  const timers = new Map<string, number>();
  const feed = async (event: KernelEvent): Promise<void> => {
    const advanced = await advance(plan, deepFreeze(state), event);
    state = options.asText ? (JSON.parse(JSON.stringify(advanced.state)) as RunState) : advanced.state;
    if (options.asText) expect(state).toStrictEqual(advanced.state);
    for (const command of advanced.commands) {
      commands.push(command);
      if (command.type === 'startTimer') timers.set(command.timerId, command.dueAt);
      if (command.type === 'cancelTimer') timers.delete(command.timerId);
    }
  };
  const run = { id: 'run_1', url: 'http://everwave.test/runs/run_1', flowName: 'Any' };
  await feed({ type: 'started', at, triggerStepId: 'start', trigger: { x: 1 }, run, seed: 3 });

  for (let turn = 0; turn < 500; turn += 1) {
    if (isClosed(state.status)) break;
    const disturbance = options.disturb?.(state, turn);
    if (disturbance) {
      await feed({ ...disturbance, at });
      continue;
    }
    const running = Object.entries(state.scopes['root']?.steps ?? {}).filter(([, { status }]) => status === 'running');
    const [timer] = [...timers]
      .filter(([timerId]) => timerId.startsWith('delay'))
      .toSorted(([, left], [, right]) => left - right);
    const possible = running.length + (timer ? 1 : 0);
    if (possible === 0) break;
    const choice = (choices[turn] ?? 0) % possible;
    const [stepId, step] = running[choice] ?? [];
    if (stepId !== undefined && step) {
      const { ordinal } = step;
      const ending = endings[stepId];
      const endsBadly = ending && 'ends' in ending && ending.ends === 'badly' && ordinal === 1;
      const failure = { name: 'broken', message: 'It broke.' };
      await feed(
        endsBadly
          ? { type: 'stepFailed', at, path: stepId, ordinal, failure, attempts: 3 }
          : { type: 'stepSucceeded', at, path: stepId, ordinal, output: outputOfAction(stepId) },
      );
    } else if (timer) {
      const [timerId, dueAt] = timer;
      timers.delete(timerId);
      at = Math.max(at, dueAt);
      await feed({ type: 'timerFired', at, timerId });
    }
  }
  return { state, commands };
};

const stepsOf = ({ state }: Played) => state.scopes['root']?.steps ?? {};
const finalOf = (played: Played) =>
  Object.fromEntries(
    Object.entries(stepsOf(played)).map(([id, { status, output }]) => [
      id,
      { status, ...(output !== undefined && { output }) },
    ]),
  );

const settled: readonly StepStatus[] = ['succeeded', 'skipped', 'failed', 'cancelled'];
const reportsOf = ({ commands }: Played) =>
  commands.flatMap((command) => (command.type === 'reportStep' ? [command.transition] : []));

const expectUniqueActivities = ({ commands }: Played): void => {
  const ids = commands.flatMap((command) => (command.type === 'scheduleActivity' ? [command.activityId] : []));
  expect(new Set(ids).size).toBe(ids.length);
};

describe('for any drawing, any outcomes and any order of events', () => {
  it('each step ends as a plain reading of the drawing says', async () => {
    await fc.assert(
      fc.asyncProperty(anyScenario, async (scenario) => {
        const foretold = foretell(scenario.plan, 'start', scenario.endings, outputOf);
        const played = await play(scenario);
        for (const [stepId, verdict] of Object.entries(foretold)) {
          const step = stepsOf(played)[stepId];
          const planned = scenario.plan.steps[stepId];
          expect({ stepId, status: step?.status }).toEqual({ stepId, status: verdict.status });
          const hasOwnWords = planned?.type === 'delay' || planned?.type === 'switch';
          if (!hasOwnWords) expect(step?.output).toEqual(verdict.output);
        }
        const set = Object.entries(foretold).filter(
          ([id, { status }]) => status === 'succeeded' && scenario.plan.steps[id]?.type === 'setVariables',
        );
        expect(played.state.vars).toEqual(Object.fromEntries(set.map(([id]) => [id, `set by ${id}`])));
        const isParked = Object.values(foretold).some(({ status }) => status === 'needs_attention');
        expect(played.state.status).toBe(isParked ? 'needs_attention' : 'succeeded');
      }),
      { numRuns: 400 },
    );
  });

  it('the order in which independent steps end changes nothing about how they end', async () => {
    await fc.assert(
      fc.asyncProperty(anyScenario, fc.array(fc.nat(30), { maxLength: 60 }), async (scenario, otherChoices) => {
        const one = await play(scenario);
        const other = await play({ ...scenario, choices: otherChoices });
        const words = ({ plan: { steps } }: Scenario, played: Played) =>
          Object.entries(finalOf(played)).filter(([id]) => steps[id]?.type !== 'delay');
        expect(words(scenario, other)).toEqual(words(scenario, one));
        expect(other.state.vars).toEqual(one.state.vars);
        expect(other.state.status).toBe(one.state.status);
        const inputs = (played: Played) =>
          Object.fromEntries(
            played.commands.flatMap((command) =>
              command.type === 'scheduleActivity' ? [[command.activityId, command.input]] : [],
            ),
          );
        expect(inputs(other)).toEqual(inputs(one));
      }),
      { numRuns: 250 },
    );
  });

  it('each step settles at most once, nothing hangs in a run that has ended, and reports are numbered without gaps', async () => {
    await fc.assert(
      fc.asyncProperty(anyScenario, async (scenario) => {
        const played = await play(scenario);
        const reports = reportsOf(played);
        for (const stepId of Object.keys(scenario.plan.steps)) {
          const ends = reports.filter((report) => report.stepId === stepId && settled.includes(report.status));
          expect(ends.length).toBeLessThanOrEqual(1);
        }
        if (isClosed(played.state.status)) {
          for (const { status } of Object.values(stepsOf(played))) expect(settled).toContain(status);
        }
        const numbers = played.commands.flatMap((command) => ('transition' in command ? [command.transition.seq] : []));
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
        expectUniqueActivities(played);
      }),
      { numRuns: 250 },
    );
  });

  it('a run that is written down and read between any two events is the same run', async () => {
    await fc.assert(
      fc.asyncProperty(anyScenario, async (scenario) => {
        const kept = await play(scenario);
        const read = await play(scenario, { asText: true });
        expect(read.state).toEqual(kept.state);
        expect(read.commands).toEqual(kept.commands);
      }),
      { numRuns: 150 },
    );
  });

  it('late, doubled and foreign events change nothing', async () => {
    const noise = (state: RunState, turn: number): KernelEvent | null => {
      if (turn % 2 === 0 || turn > 40) return null;
      const running = Object.entries(state.scopes['root']?.steps ?? {}).filter(
        ([, { status }]) => status === 'running',
      );
      const stepId = running.at(-1)?.[0] ?? 'start';
      const late: readonly KernelEvent[] = [
        { type: 'stepSucceeded', at: 0, path: stepId, ordinal: 9, output: 'late' },
        { type: 'stepFailed', at: 0, path: 'gone', ordinal: 1, failure: { name: 'x', message: 'x' }, attempts: 1 },
        { type: 'stepCancelled', at: 0, path: 'constructor', ordinal: 1 },
        { type: 'timerFired', at: 0, timerId: 'delay:gone:1' },
        { type: 'timerFired', at: 0, timerId: 'constructor' },
        {
          type: 'repaired',
          at: 0,
          repair: { action: 'skipStep', path: 'gone' },
          by: { userId: 'u', name: 'Ada', role: 'owner' },
        },
      ];
      return late[((turn - 1) / 2) % late.length] ?? null;
    };
    await fc.assert(
      fc.asyncProperty(anyScenario, async (scenario) => {
        const choices = scenario.choices.map(() => 0);
        const quiet = await play({ ...scenario, choices });
        const noisy = await play({ ...scenario, choices }, { disturb: noise });
        expect(noisy.state).toEqual(quiet.state);
      }),
      { numRuns: 100 },
    );
  });

  it('a parked run can be repaired until it ends well', async () => {
    const by = { userId: 'u', name: 'Ada', role: 'owner' };
    const repairs = fc.array(fc.constantFrom('retryStep' as const, 'completeStep' as const, 'skipStep' as const), {
      minLength: 20,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(anyScenario, repairs, async (scenario, actions) => {
        let used = 0;
        const played = await play(scenario, {
          disturb: (state) => {
            const parked = Object.entries(state.scopes['root']?.steps ?? {}).find(
              ([, { status }]) => status === 'needs_attention',
            );
            if (!parked) return null;
            const [path] = parked;
            const action = actions[used % actions.length] ?? 'skipStep';
            used += 1;
            const repair = action === 'completeStep' ? { action, path, output: 'given' } : { action, path };
            expect(checkRepair(scenario.plan, state, repair)).toEqual({ ok: true });
            return { type: 'repaired', at: 0, repair, by };
          },
        });
        expect(played.state.status).toBe('succeeded');
        expect(played.state.timers).toEqual({});
        expectUniqueActivities(played);
      }),
      { numRuns: 200 },
    );
  });

  it('a run that is cancelled at any moment ends as cancelled, as soon as its activities have stopped', async () => {
    await fc.assert(
      fc.asyncProperty(anyScenario, fc.nat(12), async (scenario, moment) => {
        const played = await play(scenario, {
          disturb: (state, turn) => (turn === moment && !state.closing ? { type: 'cancelRequested', at: 0 } : null),
        });
        if (played.state.status === 'cancelled') {
          for (const { status } of Object.values(stepsOf(played))) expect(settled).toContain(status);
          expect(played.commands.at(-1)).toMatchObject({ type: 'closeRun', status: 'cancelled' });
        } else expect(['succeeded', 'needs_attention']).toContain(played.state.status);
      }),
      { numRuns: 200 },
    );
  });
});

it('the kernel takes at most five milliseconds of CPU for each step of a chain of 100', async () => {
  const ids = Array.from({ length: 100 }, (_, index) => `s${index}`);
  const steps = Object.fromEntries(
    ids.map((id, index) => [
      id,
      anAction({
        input: { text: `Step {{ steps.${index === 0 ? 'start' : ids[index - 1]}.output.n }}`, run: '{{ run.id }}' },
      }),
    ]),
  );
  const edges = ids.map((id, index) => `${index === 0 ? 'start' : ids[index - 1]} -> ${id}`);
  const plan = aPlan({ steps, edges });
  const run = { id: 'run_1', url: '', flowName: 'Chain' };
  let { state } = await advance(plan, createState(plan), {
    type: 'started',
    at: 0,
    triggerStepId: 'start',
    trigger: { n: 1 },
    run,
    seed: 1,
  });
  const before = process.cpuUsage();
  for (const path of ids) {
    const advanced = await advance(plan, state, {
      type: 'stepSucceeded',
      at: 0,
      path,
      ordinal: 1,
      output: { n: path },
    });
    state = advanced.state;
  }
  const { user, system } = process.cpuUsage(before);
  expect(state.status).toBe('succeeded');
  expect((user + system) / 1_000 / ids.length).toBeLessThan(5);
});
