import { toMilliseconds } from '../../flow/duration.ts';
import type { Json, Plan } from '../../flow/plan.ts';
import type { Command, StepTransition } from '../command.ts';
import { createState } from '../create-state.ts';
import { endOneScope } from '../end-scopes.ts';
import { type Place, placeOf, rootScope } from '../place.ts';
import type { RunState } from '../state.ts';
import { runTimerId } from '../timer-id.ts';
import { setVariables } from '../variables.ts';
import type { Value } from '../value.ts';
import { openTurn, startTimer } from '../turn.ts';
import type { ForkOrder } from './fork-order.ts';
import { completePart, ownRows, type Part, type Reports, reportsOf } from './fork-part.ts';
import type { ForkProblem } from './fork-problem.ts';
import { reachOf } from './reach.ts';
import { commandsOf, type KeepResults, restoreBatches, travelling } from './restore-batches.ts';
import { restoreScope, type Restoring } from './restore-scope.ts';
import type { RunRecord } from './run-record.ts';

/** What the new run is called, and when it begins. */
export interface ForkedAs {
  readonly at: number;
  readonly run: RunState['run'];
  readonly seed: number;
  /** What expressions read as `env`. */
  readonly env?: RunState['env'];
}

export type Forked =
  | {
      readonly ok: true;
      readonly state: RunState;
      readonly kept: readonly StepTransition[];
      /**
       * What the state waits for: evaluations with values that are kept outside, and batches of loops. One that is started
       * again has its own state with it.
       */
      readonly commands: readonly Command[];
      /** Whether the step at this path runs again as a new effect. */
      readonly isAgain: (path: string) => boolean;
      /** Paths of steps that stand although what they did has been undone: nothing does it again. */
      readonly undone: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly ForkProblem[] };

/**
 * The state from which a run is started again at one step: everything before it and beside it stands, it and everything
 * behind it are as if they had never begun. `kept` are the reports of what stands, for the new run's projection.
 *
 * Variables are what the steps that stand have set, in the order in which they ended. What a loop's ended items gave is
 * evaluated anew from their outputs, so that an edited output counts; an expression there that reads a variable sees the
 * fork's.
 */
export const forkState = async (
  plan: Plan,
  record: RunRecord,
  order: ForkOrder,
  as: ForkedAs,
  keep: KeepResults = travelling,
): Promise<Forked> => {
  const tidied = new Set<string>();
  for (;;) {
    const forked = await rebuild(plan, record, order, { as, keep, tidied });
    const inVain = forked.ok ? begunAgain(plan, forked).filter((path) => !tidied.has(path)) : [];
    if (inVain.length === 0) return forked;
    for (const path of inVain) tidied.add(path);
  }
};

/**
 * What a `finally` has tidied up may be there again, as long as a frame in its try is open. Nothing can run while a state is
 * rebuilt: one that has begun again by then has a try in which all stands, and so it stands itself.
 */
const begunAgain = (plan: Plan, { kept, isAgain }: Extract<Forked, { ok: true }>): readonly string[] =>
  kept.flatMap(({ path, stepId }) => (plan.steps[stepId]?.type === 'finally' && isAgain(path) ? [path] : []));

interface Rebuilding {
  readonly as: ForkedAs;
  readonly keep: KeepResults;
  /** See `Restoring`. */
  readonly tidied: ReadonlySet<string>;
}

const rebuild = async (
  plan: Plan,
  record: RunRecord,
  order: ForkOrder,
  { as: { at: now, run, seed, env = {} }, keep, tidied }: Rebuilding,
): Promise<Forked> => {
  const { at } = order;
  const { triggerStepId } = record;
  const place = placeOf(at);
  if (plan.steps[triggerStepId]?.type !== 'trigger') {
    const message = `The trigger ${triggerStepId}, with which the run began, is not in this version.`;
    return refuse({ code: 'trigger_absent', path: triggerStepId, message });
  }
  if (!isDrawn(plan, place)) {
    return refuse({ code: 'unknown_step', path: at, message: `This version of the flow has no step "${at}".` });
  }
  const problems: ForkProblem[] = [];
  const rows = new Map(record.steps.map((step) => [step.path, withEdited(step, order.outputs)]));
  const reach = reachOf(plan, at);
  const anew = new Set<string>();
  const isAgain = (path: string) => reach.isAgain(placeOf(path)) || isInside(path, anew);
  const restoring: Restoring = {
    rows,
    reach,
    order,
    isAgain,
    covers: () => true,
    generation: order.generation,
    triggerStepId,
    parkLimit: toMilliseconds(plan.settings.parkLimit),
    kept: new Set(),
    anew,
    tidied,
    undone: new Set(),
    problems,
    isOfFork: record.isOfFork === true,
    inBatches: [],
  };
  const turn = openTurn(plan, createState(plan), now);
  const trigger = order.outputs[triggerStepId] ?? record.trigger;
  Object.assign(turn.state, { startedAt: now, triggerStepId, trigger, run, env, seed });
  startTimer(turn, runTimerId, now + toMilliseconds(plan.settings.runTimeout), 'Time limit of the run');
  restoreScope(turn, restoring, rootScope);
  const part: Part = { turn, restoring };
  const own = ownRows(part);
  for (const variables of variablesOf(plan, record, own, isAgain)) setVariables(turn, variables);
  const responded = own.find(
    ({ stepId, status, path }) => plan.steps[stepId]?.type === 'respond' && status === 'succeeded' && !isAgain(path),
  );
  if (responded) turn.state.responded = responded.path;
  completePart(part);
  const reports = problems.length === 0 ? await restoreBatches(part, keep) : [];
  if (problems.length > 0) return { ok: false, problems };
  // What stands in full ends as it did: the loop around goes on.
  while (await endOneScope(turn));
  const kept = inOrder([reportsOf(part), ...reports]);
  turn.state.seq = kept.length;
  const commands = commandsOf(turn).map((command) => numberedFrom(kept.length, command));
  return { ok: true, state: turn.state, kept, commands, isAgain, undone: [...restoring.undone] };
};

/** What stands comes first, as it was; then what rebuilding the state has brought about. */
const inOrder = (reports: readonly Reports[]): readonly StepTransition[] =>
  [
    ...reports.flatMap(({ before }) => before).toSorted((left, right) => left.seq - right.seq),
    ...reports.flatMap(({ news }) => news),
  ].map((transition, index) => ({ ...transition, seq: index + 1 }));

/** A batch's transitions follow on all that stands. */
const numberedFrom = (seq: number, command: Command): Command => {
  if (command.type !== 'startBatch' || !command.restored) return command;
  const { state, commands } = command.restored;
  const restored = { state: { ...state, seq }, commands: commands.map((each) => numberedFrom(seq, each)) };
  return { ...command, restored };
};

/** A frame, or what stands in it. */
const isInside = (path: string, frames: ReadonlySet<string>): boolean =>
  [...frames].some((frame) => path === frame || path.startsWith(`${frame}.`));

const refuse = (problem: ForkProblem): Forked => ({ ok: false, problems: [problem] });

/** Whether the plan has the step, and the frames around it as the path says. */
const isDrawn = (plan: Plan, { scope, stepId }: Place): boolean => {
  if (!Object.hasOwn(plan.steps, stepId)) return false;
  const names = scope === rootScope ? [] : scope.split('.').map((name) => name.replace(/\[\d+\]$/, ''));
  let region = plan.steps[stepId]?.region;
  for (const name of names.toReversed()) {
    if (region !== name) return false;
    const frame = plan.steps[name];
    region = frame?.region;
  }
  return region === rootScope && plan.steps[stepId]?.type !== 'trigger';
};

const withEdited = (step: StepTransition, outputs: ForkOrder['outputs']): StepTransition => {
  const edited = Object.hasOwn(outputs, step.path) ? outputs[step.path] : undefined;
  if (edited === undefined) return step;
  const { outputReference: _, ...others } = step;
  return { ...others, output: edited };
};

/** What each step that stands has set, in the order in which they ended. */
const variablesOf = (
  plan: Plan,
  record: RunRecord,
  rows: readonly StepTransition[],
  isAgain: (path: string) => boolean,
): readonly (readonly (readonly [string, Value])[])[] =>
  rows
    .filter(({ stepId, status, path }) => {
      return plan.steps[stepId]?.type === 'setVariables' && status === 'succeeded' && !isAgain(path);
    })
    .map(({ path, output, outputReference }) =>
      outputReference
        ? Object.entries(record.variables?.[path] ?? {})
        : Object.entries((output ?? {}) as { readonly [name: string]: Json }).map(([name, value]) => [
            name,
            { output: value },
          ]),
    );
