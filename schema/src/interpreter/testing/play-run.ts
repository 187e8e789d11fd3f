import type { Json, Plan } from '../../flow/plan.ts';
import { isClosed } from '../../run/status.ts';
import { advance } from '../advance.ts';
import type { Command, StepTransition } from '../command.ts';
import { createState } from '../create-state.ts';
import type { ChildEnd, KernelEvent } from '../event.ts';
import type { RunRecord } from '../fork/run-record.ts';
import { pathOf } from '../place.ts';
import type { RunState } from '../state.ts';

export interface PlayedRun {
  readonly state: RunState;
  readonly commands: readonly Command[];
}

/** How a test lets an activity, or the run of a sub-flow, end. */
export type OutcomeOf = (path: string, ordinal: number) => { readonly output: Json } | 'fails';

export interface PlayRun {
  readonly plan: Plan;
  readonly outcomeOf: OutcomeOf;
  /** Which of the things that could happen next happens: one number per event, taken modulo their count. */
  readonly choices: readonly number[];
  /** A state to go on from, instead of a start. */
  readonly from?: { readonly state: RunState; readonly reports?: readonly StepTransition[] };
  /** Events until it is left as it is; to its end, or until it waits for a person, when absent. */
  readonly events?: number;
}

/** Plays a run of any drawing: activities end in the order that the choices say, delays when nothing else happens. */
export const playRun = async ({ plan, outcomeOf, choices, from, events = 2_000 }: PlayRun): Promise<PlayedRun> => {
  let state = from?.state ?? createState(plan);
  let at = 1_000_000;
  const asked = new Set<string>();
  const commands: Command[] = (from?.reports ?? []).map((transition) => ({ type: 'reportStep', transition }));
  const feed = async (event: KernelEvent): Promise<void> => {
    const advanced = await advance(plan, state, event);
    state = JSON.parse(JSON.stringify(advanced.state)) as RunState;
    commands.push(...advanced.commands);
    for (const command of advanced.commands)
      if (command.type === 'cancelActivity' || command.type === 'cancelChild')
        asked.add(`${command.path}~${command.ordinal}`);
  };
  const run = { id: 'run_1', url: '', flowName: 'Any' };
  if (from) await feed({ type: 'resumed', at });
  else await feed({ type: 'started', at, triggerStepId: 'start', trigger: { x: 1 }, run, seed: 3 });
  for (let turn = 0; turn < events && !isClosed(state.status); turn += 1) {
    const running = Object.entries(state.scopes).flatMap(([scope, { steps }]) =>
      Object.entries(steps).flatMap(([stepId, { status, ordinal }]) =>
        status === underWay[plan.steps[stepId]?.type ?? '']
          ? [{ path: pathOf({ scope, stepId }), ordinal, step: plan.steps[stepId] }]
          : [],
      ),
    );
    const choice = running[(choices[turn % Math.max(1, choices.length)] ?? 0) % Math.max(1, running.length)];
    if (!choice) {
      const [timer] = Object.entries(state.timers)
        .filter(([timerId]) => timerId.startsWith('delay:') || timerId === 'continue')
        .toSorted(([, left], [, right]) => left.dueAt - right.dueAt);
      if (!timer) break;
      at = Math.max(at, timer[1].dueAt);
      await feed({ type: 'timerFired', at, timerId: timer[0] });
      continue;
    }
    const { path, ordinal, step } = choice;
    const outcome = outcomeOf(path, ordinal);
    if (step?.type === 'subflow') {
      if (step.mode === 'detach') await feed({ type: 'childStarted', at, path, ordinal });
      else
        await feed({
          type: 'childEnded',
          at,
          path,
          ordinal,
          end: toEnd(path, outcome, asked.has(`${path}~${ordinal}`)),
        });
    } else if (asked.has(`${path}~${ordinal}`)) await feed({ type: 'stepCancelled', at, path, ordinal });
    else if (outcome !== 'fails') await feed({ type: 'stepSucceeded', at, path, ordinal, output: outcome.output });
    else {
      await feed({ type: 'stepFailed', at, path, ordinal, failure: brokenAt(path), attempts: 3 });
    }
  }
  return { state, commands };
};

/** The status of a step of this type whose end comes from outside. */
const underWay: { readonly [type: string]: string } = { action: 'running', subflow: 'waiting' };

/** So that of two failures it can be told which one was kept. */
const brokenAt = (path: string) => ({ name: 'broken', message: `${path} broke.` });

const toEnd = (path: string, outcome: ReturnType<OutcomeOf>, isCancelled: boolean): ChildEnd => {
  if (isCancelled) return { status: 'cancelled' };
  return outcome === 'fails'
    ? { status: 'failed', failure: brokenAt(path) }
    : { status: 'succeeded', output: outcome.output };
};

/** What the projection keeps of a run: the newest report of each path, with the input and output of earlier ones. */
export const recordOf = ({ state, commands }: PlayedRun): RunRecord => {
  const rows = new Map<string, StepTransition>();
  for (const command of commands) {
    if (command.type !== 'reportStep') continue;
    const { transition } = command;
    const before = rows.get(transition.path);
    const { input, recipe, output, outputReference } = before?.ordinal === transition.ordinal ? before : {};
    rows.set(transition.path, {
      ...(input !== undefined && { input }),
      ...(recipe !== undefined && { recipe }),
      ...(output !== undefined && { output }),
      ...(outputReference !== undefined && { outputReference }),
      ...transition,
    });
  }
  return { triggerStepId: state.triggerStepId, trigger: state.trigger, steps: [...rows.values()] };
};
