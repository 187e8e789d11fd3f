import { toMilliseconds } from '../../flow/duration.ts';
import { isEditedGeneration } from '../../flow/generation.ts';
import type { Json, Plan, PlanStep } from '../../flow/plan.ts';
import { isSettled } from '../../run/status.ts';
import type { Command, StepTransition } from '../command.ts';
import { rememberDone } from '../compensation.ts';
import { createState } from '../create-state.ts';
import { edgesWanted } from '../edges.ts';
import { endOneScope } from '../end-scopes.ts';
import { pathOf, type Place, placeOf, rootScope } from '../place.ts';
import type { RunState, StepState } from '../state.ts';
import { statementOf } from '../statements/statements.ts';
import { runTimerId } from '../timer-id.ts';
import { setVariables } from '../variables.ts';
import type { Value } from '../value.ts';
import { allSteps, findStep, openTurn, planStepAt, setStep, startTimer, type Turn } from '../turn.ts';
import type { ForkOrder } from './fork-order.ts';
import type { ForkProblem } from './fork-problem.ts';
import { reachOf } from './reach.ts';
import { givenTo, restoreScope, type Restoring } from './restore-scope.ts';
import type { RunRecord } from './run-record.ts';

/** What the new run is called, and when it begins. */
export interface ForkedAs {
  readonly at: number;
  readonly run: RunState['run'];
  readonly seed: number;
}

export type Forked =
  | {
      readonly ok: true;
      readonly state: RunState;
      readonly kept: readonly StepTransition[];
      /** Evaluations, with values that are kept outside, that rebuilding the state has asked for. */
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
  { at, input, outputs, generation, child }: ForkOrder,
  { at: now, run, seed }: ForkedAs,
): Promise<Forked> => {
  const place = placeOf(at);
  if (plan.steps[record.triggerStepId]?.type !== 'trigger') {
    const message = `The trigger ${record.triggerStepId}, with which the run began, is not in this version.`;
    return refuse({ code: 'trigger_absent', path: record.triggerStepId, message });
  }
  if (!isDrawn(plan, place)) {
    return refuse({ code: 'unknown_step', path: at, message: `This version of the flow has no step "${at}".` });
  }
  const problems: ForkProblem[] = [];
  const rows = new Map(record.steps.map((step) => [step.path, withEdited(step, outputs)]));
  const reach = reachOf(plan, at);
  const restoring: Restoring = {
    rows,
    reach,
    generation,
    triggerStepId: record.triggerStepId,
    parkLimit: toMilliseconds(plan.settings.parkLimit),
    kept: new Set(),
    anew: new Set(),
    problems,
  };
  const turn = openTurn(plan, createState(plan), now);
  const { triggerStepId } = record;
  const trigger = outputs[triggerStepId] ?? record.trigger;
  Object.assign(turn.state, { startedAt: now, triggerStepId, trigger, run, seed });
  startTimer(turn, runTimerId, now + toMilliseconds(plan.settings.runTimeout), 'Time limit of the run');
  restoreScope(turn, restoring, rootScope);
  const isAgain = (path: string) => reach.isAgain(placeOf(path)) || isInside(path, restoring.anew);
  for (const variables of variablesOf(plan, { rows, record }, isAgain)) setVariables(turn, variables);
  const responded = [...rows.values()].find(
    ({ stepId, status, path }) => plan.steps[stepId]?.type === 'respond' && status === 'succeeded' && !isAgain(path),
  );
  if (responded) turn.state.responded = responded.path;
  const edited = editedInputs(turn, rows, isAgain);
  if (Object.keys(edited).length > 0) turn.state.edited = edited;

  const undone = undoneOf(plan, rows, isAgain);
  problems.push(...rememberWhatIsDone(turn, restoring, (path) => isAgain(path) || undone.has(path)));
  if (problems.length === 0) problems.push(...findProblems(turn, place));
  problems.push(...checkOutputs(turn, restoring, outputs));
  const forked = findStep(turn, place);
  if (child && forked) {
    const begun = rows.get(at);
    const problem = checkChild(planStepAt(turn, place), at, begun);
    if (problem) problems.push(problem);
    else setStep(turn, place, { ...forked, input: begun?.input ?? null, continues: child });
  } else if (input !== undefined) {
    if (!['action', 'subflow'].includes(planStepAt(turn, place).type)) {
      const message = `The step "${at}" has no input to edit. Edit what the steps before it gave.`;
      problems.push({ code: 'input_not_editable', path: at, message });
    } else if (forked) setStep(turn, place, { ...forked, input, generation: generation + 1 });
  }
  if (problems.length > 0) return { ok: false, problems };
  // What stands in full ends as it did: the loop around goes on.
  while (await endOneScope(turn));
  const commands = turn.commands.filter(({ type }) => type === 'scheduleActivity');
  return { ok: true, ...withReports(turn, rows, isAgain), commands, isAgain, undone: [...undone] };
};

/** Whether a run that a step has started can go on in a fork of it. */
const checkChild = (step: PlanStep, at: string, begun: StepTransition | undefined): ForkProblem | null => {
  if (step.type !== 'subflow' || step.mode !== 'wait') {
    const message = `The step "${at}" waits for no sub-flow in this version, so nothing can be started again inside it.`;
    return { code: 'no_subflow', path: at, message };
  }
  if (begun?.input !== undefined) return null;
  const message = `The sub-flow at "${at}" has not begun, or with what is not recorded. Start again from the step itself.`;
  return { code: 'not_recorded', path: at, message };
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
  { rows, record }: { readonly rows: Restoring['rows']; readonly record: RunRecord },
  isAgain: (path: string) => boolean,
): readonly (readonly (readonly [string, Value])[])[] =>
  [...rows.values()]
    .filter(({ stepId, status, path }) => {
      return plan.steps[stepId]?.type === 'setVariables' && status === 'succeeded' && !isAgain(path);
    })
    .toSorted((left, right) => left.seq - right.seq)
    .map(({ path, output, outputReference }) =>
      outputReference
        ? Object.entries(record.variables?.[path] ?? {})
        : Object.entries((output ?? {}) as { readonly [name: string]: Json }).map(([name, value]) => [
            name,
            { output: value },
          ]),
    );

/** Should a frame be begun again, what a person has edited in it stays edited. */
const editedInputs = (
  turn: Turn,
  rows: Restoring['rows'],
  isAgain: (path: string) => boolean,
): NonNullable<RunState['edited']> => {
  const edited: { [path: string]: Pick<StepState, 'generation' | 'input' | 'recipe'> } = {};
  for (const row of rows.values()) {
    const { path, generation = 1, input, recipe } = row;
    const place = placeOf(path);
    if (place.scope === rootScope || (input === undefined && !recipe) || isAgain(path)) continue;
    if (turn.plan.steps[place.stepId]?.type === 'action' && isEditedGeneration(generation)) {
      edited[path] = { generation, ...givenTo(row) };
    }
  }
  return edited;
};

/** What stands, and was undone in the run before, or may have been. */
const undoneOf = (plan: Plan, rows: Restoring['rows'], isAgain: (path: string) => boolean): ReadonlySet<string> =>
  new Set(
    [...rows.values()].flatMap(({ path, stepId, status }) => {
      const step = Object.hasOwn(plan.steps, stepId) ? plan.steps[stepId] : undefined;
      if (step?.type !== 'action' || step.undoes === undefined || status === 'skipped') return [];
      const undone = pathOf({ ...placeOf(path), stepId: step.undoes });
      return isAgain(undone) ? [] : [undone];
    }),
  );

/**
 * What stands can be undone in the fork as in the run before. Not what stands in a frame that has ended: what its undo
 * steps would begin with is not recorded.
 */
const rememberWhatIsDone = (turn: Turn, { rows, kept }: Restoring, isOut: (path: string) => boolean): ForkProblem[] =>
  [...rows.values()]
    .toSorted((left, right) => left.seq - right.seq)
    .flatMap(({ path, status }): ForkProblem[] => {
      const place = placeOf(path);
      const step = Object.hasOwn(turn.plan.steps, place.stepId) ? planStepAt(turn, place) : undefined;
      if (!step || isOut(path)) return [];
      if (!('undo' in step) || step.undo === undefined || status !== 'succeeded') return [];
      if (findStep(turn, place)) {
        if (kept.has(path)) rememberDone(turn, place);
        return [];
      }
      const message = `"${path}" could be undone, but with what is not recorded: it stands in a frame that has ended. Start again from that frame.`;
      return [{ code: 'not_recorded', path, message }];
    });

const findProblems = (turn: Turn, place: Place): ForkProblem[] => {
  const isReady = turn.state.ready.some(({ scope, stepId }) => scope === place.scope && stepId === place.stepId);
  const isCleanup = planStepAt(turn, place).type === 'finally';
  const problems: ForkProblem[] = [];
  if (!findStep(turn, place) || (!isReady && !isCleanup)) problems.push(notReached(turn, place));
  for (const { place: each, step } of allSteps(turn)) {
    const planned = planStepAt(turn, each);
    const path = pathOf(each);
    const hasRun = !['pending', 'skipped', 'cancelled'].includes(step.status);
    if (!hasRun || planned.incoming.length === 0) continue;
    const wanted = Math.min(edgesWanted(planned), step.pendingEdges + step.takenEdges);
    const isReached = step.takenEdges > 0 && (step.pendingEdges === 0 || step.takenEdges >= wanted);
    if (isReached) continue;
    const message = `${planned.title} ("${path}") has run, but the way to it is no longer taken. Start again from a step before it.`;
    problems.push({ code: 'path_not_taken', path, message });
  }
  return problems;
};

const notReached = (turn: Turn, place: Place): ForkProblem => {
  const at = pathOf(place);
  const { incoming, title } = planStepAt(turn, place);
  const open = incoming.flatMap((index) => {
    const from = turn.plan.edges[index]?.from ?? '';
    const status = findStep(turn, { scope: place.scope, stepId: from })?.status ?? 'pending';
    return isSettled(status) ? [] : [from];
  });
  const message =
    open.length > 0
      ? `${title} ("${at}") cannot begin: ${open.map((id) => `"${id}"`).join(', ')} before it has not ended. Start again from there.`
      : `${title} ("${at}") was never reached: no way that leads to it was taken. Start again from a step before it.`;
  return { code: 'step_not_reached', path: at, message };
};

const checkOutputs = (turn: Turn, { kept, triggerStepId }: Restoring, outputs: ForkOrder['outputs']): ForkProblem[] =>
  Object.entries(outputs).flatMap(([path, output]): ForkProblem[] => {
    if (path === triggerStepId) return [];
    const place = placeOf(path);
    const step = findStep(turn, place);
    if (!kept.has(path) || step?.status === 'skipped' || step === undefined) {
      const message = `The output of "${path}" cannot be edited: the step runs again, has not run, or cannot be read any more.`;
      return [{ code: 'output_not_kept', path, message }];
    }
    const planned = planStepAt(turn, place);
    const statement = statementOf(planned);
    if (statement.portFor(planned, output) !== null) return [];
    const message = `The output of "${path}" must be ${statement.expected}.`;
    return [{ code: 'output_does_not_fit', path, message }];
  });

/** What stands comes first, as it was; then what rebuilding the state has brought about. */
const withReports = (
  turn: Turn,
  rows: Restoring['rows'],
  isAgain: (path: string) => boolean,
): { state: RunState; kept: readonly StepTransition[] } => {
  const before = [...rows.values()]
    .toSorted((left, right) => left.seq - right.seq)
    .flatMap((row): StepTransition[] => {
      const place = placeOf(row.path);
      if (isAgain(row.path) || !Object.hasOwn(turn.plan.steps, place.stepId)) return [];
      const state = findStep(turn, place);
      if (!state) return isSettled(row.status) ? [row] : [];
      if (state.status === 'pending') return [];
      if (state.status !== row.status) return [{ ...withoutEnd(row), status: state.status, at: turn.at }];
      return [row];
    });
  const since = turn.commands.flatMap((command) => (command.type === 'reportStep' ? [command.transition] : []));
  const known = new Set(before.map(({ path, status }) => `${path} ${status}`));
  const news = since.filter(({ path, status }) => !known.has(`${path} ${status}`));
  const kept = [...before, ...news].map((transition, index) => ({ ...transition, seq: index + 1 }));
  turn.state.seq = kept.length;
  return { state: turn.state, kept };
};

/** A frame that is open again has neither output nor failure. */
const withoutEnd = (ended: StepTransition): StepTransition => {
  const { output: _output, outputReference: _reference, failure: _failure, ...row } = ended;
  return row;
};
