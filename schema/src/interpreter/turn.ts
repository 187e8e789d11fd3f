import type { Evaluator } from '../flow/expression.ts';
import type { Plan, PlanStep } from '../flow/plan.ts';
import type { Command } from './command.ts';
import { pathOf, type Place } from './place.ts';
import type { RunState, StepState } from './state.ts';

/**
 * One call of `advance`: the state as it becomes, and the commands so far. The state given to `advance` is left alone:
 * whatever changes is replaced, never written to.
 */
export interface Turn {
  readonly plan: Plan;
  /** Unix ms of the event. */
  readonly at: number;
  readonly state: RunState;
  readonly commands: Command[];
  /** Activities to be asked to stop, once the timers that end with them have been cancelled. */
  readonly stopped: Place[];
  /** The evaluators at work: what they spend is added to the turn's cost. */
  readonly evaluators: Pick<Evaluator, 'spent' | 'bytes'>[];
  /** Scopes in which a step has changed: only these can have ended. */
  readonly touched: Set<string>;
  /** What was begun so far has cost this much, in steps of expressions and in bytes of JSON. */
  cost: { readonly steps: number; readonly bytes: number };
  /** How many more activities may be under way; counted when the first is to begin. */
  freeActivities: number | null;
}

export const openTurn = (plan: Plan, state: RunState, at: number): Turn => ({
  plan,
  at,
  state: {
    ...state,
    timers: { ...state.timers },
    scopes: Object.fromEntries(
      Object.entries(state.scopes).map(([path, scope]) => [path, { ...scope, steps: { ...scope.steps } }]),
    ),
    ready: [...state.ready],
  },
  commands: [],
  stopped: [],
  evaluators: [],
  touched: new Set(),
  cost: { steps: 0, bytes: 0 },
  freeActivities: null,
});

/** Own properties only: `constructor` is a legal step id. */
const own = <T>(record: { readonly [key: string]: T } | undefined, key: string): T | undefined =>
  record && Object.hasOwn(record, key) ? record[key] : undefined;

export const planStepAt = (turn: Pick<Turn, 'plan'>, { stepId }: Place): PlanStep => {
  const step = own(turn.plan.steps, stepId);
  if (!step) throw new Error(`The plan has no step ${stepId}. The state and the plan do not belong together.`);
  return step;
};

export const findStep = (turn: Pick<Turn, 'state'>, { scope, stepId }: Place): StepState | undefined =>
  own(own(turn.state.scopes, scope)?.steps, stepId);

export const stepAt = (turn: Turn, place: Place): StepState => {
  const step = findStep(turn, place);
  if (!step) throw new Error(`The run has no step ${pathOf(place)}. The state and the plan do not belong together.`);
  return step;
};

/** Every step of the run with its place, in dispatch order within each scope. */
export const allSteps = ({ plan, state }: Turn): { readonly place: Place; readonly step: StepState }[] =>
  Object.entries(state.scopes).flatMap(([scope, { region, steps }]) =>
    (plan.regions[region]?.steps ?? []).flatMap((stepId) => {
      const step = steps[stepId];
      return step ? [{ place: { scope, stepId }, step }] : [];
    }),
  );

type Optional =
  | 'input'
  | 'recipe'
  | 'output'
  | 'large'
  | 'failure'
  | 'attempts'
  | 'dueAt'
  | 'loop'
  | 'child'
  | 'continues';

/** Replaces a step's state, drops the fields named, and reports the change. */
export const changeStep = (
  turn: Turn,
  place: Place,
  changes: Partial<StepState>,
  drop: readonly Optional[] = [],
): StepState => {
  const before = stepAt(turn, place);
  const next: StepState = { ...before, ...changes };
  for (const field of drop) delete next[field];
  // What was evaluated outside has served its purpose.
  if (!changes.evaluations) delete next.evaluations;
  if (next.status !== 'waiting') {
    delete next.waitsFor;
    delete next.excerpts;
  }
  setStep(turn, place, next);
  reportStep(turn, place, next, before.waitsFor !== undefined);
  return next;
};

export const setStep = (turn: Turn, { scope, stepId }: Place, step: StepState): void => {
  const known = turn.state.scopes[scope];
  if (!known) throw new Error(`The run has no scope ${scope}.`);
  known.steps[stepId] = step;
  turn.touched.add(scope);
};

const reportStep = (turn: Turn, place: Place, step: StepState, hasWaited: boolean): void => {
  const { status, ordinal, generation, input, recipe, output, large, failure, attempts, dueAt } = step;
  const { loop, child, waitsFor } = step;
  // Of a loop that begins: its items. Of those that it has given to batches it has told then.
  const shown = input ?? (loop?.part ? undefined : loop?.items);
  const showsInput =
    status === 'running' || status === 'needs_attention' || (status === 'waiting' && child !== undefined);
  turn.state.seq += 1;
  turn.commands.push({
    type: 'reportStep',
    transition: {
      seq: turn.state.seq,
      at: turn.at,
      path: pathOf(place),
      stepId: place.stepId,
      ordinal,
      ...(generation > 1 && { generation }),
      status,
      ...(shown !== undefined && showsInput && { input: shown }),
      ...(recipe !== undefined && showsInput && { recipe }),
      ...(output !== undefined && { output }),
      ...(large !== undefined && { outputReference: large.reference }),
      ...(failure !== undefined && { failure }),
      ...(attempts !== undefined && { attempts }),
      ...(dueAt !== undefined && { dueAt }),
      ...(waitsFor !== undefined && { waitsFor }),
      ...(hasWaited && waitsFor === undefined && { waitsFor: null }),
    },
  });
};

/** A batch has no status that anybody sees: what it means for the run is for the run to say. */
export const reportRun = (turn: Turn, supersededBy?: string): void => {
  if (turn.state.batch) return;
  const { status, output, outputReference, failure } = turn.state;
  turn.state.seq += 1;
  turn.commands.push({
    type: 'reportRun',
    transition: {
      seq: turn.state.seq,
      at: turn.at,
      status,
      ...(output !== undefined && { output }),
      ...(outputReference !== undefined && { outputReference }),
      ...(failure !== undefined && { failure }),
      ...(supersededBy !== undefined && { supersededBy }),
    },
  });
};

/** An activity is under way for it: its own, or an evaluation outside. */
export const isWorking = (turn: Pick<Turn, 'plan'>, place: Place, step: StepState): boolean =>
  step.status === 'running' && (planStepAt(turn, place).type === 'action' || step.evaluations?.field !== undefined);

export const startTimer = (turn: Turn, timerId: string, dueAt: number, title: string): void => {
  turn.state.timers[timerId] = { dueAt, title };
  turn.commands.push({ type: 'startTimer', timerId, dueAt, title });
};

export const cancelTimer = (turn: Turn, timerId: string): void => {
  if (!Object.hasOwn(turn.state.timers, timerId)) return;
  delete turn.state.timers[timerId];
  turn.commands.push({ type: 'cancelTimer', timerId });
};
