import { isEditedGeneration } from '../../flow/generation.ts';
import type { Plan, PlanStep } from '../../flow/plan.ts';
import { isSettled } from '../../run/status.ts';
import type { StepTransition } from '../command.ts';
import { rememberDone } from '../compensation.ts';
import { edgesWanted } from '../edges.ts';
import { pathOf, type Place, placeOf, rootScope } from '../place.ts';
import type { RunState } from '../state.ts';
import { statementOf } from '../statements/statements.ts';
import { allSteps, findStep, planStepAt, setStep, type Turn } from '../turn.ts';
import type { ForkProblem } from './fork-problem.ts';
import { generationsAround } from './generations-around.ts';
import { givenTo, type Restoring } from './restore-scope.ts';

/** What of a fork stands in one workflow: in the run's own, or in that of a batch of a loop's items. */
export interface Part {
  readonly turn: Turn;
  readonly restoring: Restoring;
}

/** Whether a step stands in the part itself, and not in a batch of it. */
const isHere = ({ covers, inBatches }: Restoring, path: string): boolean =>
  covers(path) && !inBatches.some(({ place }) => path.startsWith(`${pathOf(place)}[`));

/** What is recorded of the part itself, in the order in which it came. */
export const ownRows = ({ restoring }: Part): readonly StepTransition[] =>
  [...restoring.rows.values()]
    .filter(({ path }) => isHere(restoring, path))
    .toSorted((left, right) => left.seq - right.seq);

/** Once the steps of a part stand as they did: what a person has edited, what can be undone, and what speaks against it. */
export const completePart = (part: Part): void => {
  const { turn, restoring } = part;
  const { problems, order } = restoring;
  const place = placeOf(order.at);
  const rows = ownRows(part);
  for (const path of undoneOf(part, rows)) restoring.undone.add(path);
  const edited = { ...generationsAround(part, rows), ...editedInputs(part, rows) };
  if (Object.keys(edited).length > 0) turn.state.edited = { ...turn.state.edited, ...edited };
  problems.push(...rememberWhatIsDone(part, rows));
  if (problems.length === 0) problems.push(...findProblems(part, place));
  problems.push(...checkOutputs(part));
  if (isHere(restoring, order.at)) beginAt(part, place);
};

/** The step that runs again: with an input of its own, or with a sub-flow that goes on in a fork. */
const beginAt = ({ turn, restoring: { rows, order, problems } }: Part, place: Place): void => {
  const { at, input, generation, child } = order;
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
    } else if (forked) {
      const edited = { generation: generation + 1, input };
      setStep(turn, place, { ...forked, ...edited });
      if (place.scope !== rootScope) turn.state.edited = { ...turn.state.edited, [at]: edited };
    }
  }
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

/** Should a frame be begun again, what a person has edited in it stays edited. */
const editedInputs = (
  { turn, restoring: { isAgain } }: Part,
  rows: readonly StepTransition[],
): NonNullable<RunState['edited']> => {
  const edited: { [path: string]: NonNullable<RunState['edited']>[string] } = {};
  for (const row of rows) {
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
const undoneOf = (
  { turn: { plan }, restoring: { isAgain } }: Part,
  rows: readonly StepTransition[],
): readonly string[] =>
  rows.flatMap(({ path, stepId, status }) => {
    const step = stepOf(plan, stepId);
    if (step?.type !== 'action' || step.undoes === undefined || status === 'skipped') return [];
    const undone = pathOf({ ...placeOf(path), stepId: step.undoes });
    return isAgain(undone) ? [] : [undone];
  });

const stepOf = (plan: Plan, stepId: string): PlanStep | undefined =>
  Object.hasOwn(plan.steps, stepId) ? plan.steps[stepId] : undefined;

/**
 * What stands can be undone in the fork as in the run before. Not what stands in a frame that has ended: what its undo
 * steps would begin with is not recorded.
 */
const rememberWhatIsDone = (
  { turn, restoring: { isAgain, undone, kept } }: Part,
  rows: readonly StepTransition[],
): ForkProblem[] =>
  rows.flatMap(({ path, status }): ForkProblem[] => {
    const place = placeOf(path);
    const step = stepOf(turn.plan, place.stepId);
    if (!step || isAgain(path) || undone.has(path)) return [];
    if (!('undo' in step) || step.undo === undefined || status !== 'succeeded') return [];
    if (findStep(turn, place)) {
      if (kept.has(path)) rememberDone(turn, place);
      return [];
    }
    const message = `"${path}" could be undone, but with what is not recorded: it stands in a frame that has ended. Start again from that frame.`;
    return [{ code: 'not_recorded', path, message }];
  });

const findProblems = ({ turn, restoring }: Part, place: Place): ForkProblem[] => {
  const isReady = turn.state.ready.some(({ scope, stepId }) => scope === place.scope && stepId === place.stepId);
  const isCleanup = planStepAt(turn, place).type === 'finally';
  const problems: ForkProblem[] = [];
  const isOwn = isHere(restoring, pathOf(place));
  if (isOwn && (!findStep(turn, place) || (!isReady && !isCleanup))) problems.push(notReached(turn, place));
  for (const { place: each, step } of allSteps(turn)) {
    if (turn.state.scopes[each.scope]?.around) continue;
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

const checkOutputs = ({ turn, restoring }: Part): ForkProblem[] =>
  Object.entries(restoring.order.outputs).flatMap(([path, output]): ForkProblem[] => {
    const place = placeOf(path);
    if (path === restoring.triggerStepId || !isHere(restoring, path)) return [];
    const step = findStep(turn, place);
    if (!restoring.kept.has(path) || step?.status === 'skipped' || step === undefined) {
      const message = `The output of "${path}" cannot be edited: the step runs again, has not run, or cannot be read any more.`;
      return [{ code: 'output_not_kept', path, message }];
    }
    const planned = planStepAt(turn, place);
    const statement = statementOf(planned);
    if (statement.portFor(planned, output) !== null) return [];
    const message = `The output of "${path}" must be ${statement.expected}.`;
    return [{ code: 'output_does_not_fit', path, message }];
  });

/** What stands comes first, as it was; then what rebuilding the part has brought about. */
export interface Reports {
  readonly before: readonly StepTransition[];
  readonly news: readonly StepTransition[];
}

export const reportsOf = (part: Part): Reports => {
  const { turn, restoring } = part;
  const since = turn.commands.flatMap((command) => (command.type === 'reportStep' ? [command.transition] : []));
  // Frames that were open again and have ended by themselves: with which output or failure, their ends say.
  const ended = new Set(since.flatMap(({ path, status }) => (isSettled(status) && status !== 'skipped' ? [path] : [])));
  const before = ownRows(part).flatMap((row): StepTransition[] => {
    const place = placeOf(row.path);
    if (restoring.isAgain(row.path) || !Object.hasOwn(turn.plan.steps, place.stepId)) return [];
    const state = findStep(turn, place);
    if (!state) return isSettled(row.status) || ended.has(row.path) ? [row] : [];
    if (state.status === 'pending') return [];
    if (state.status === row.status) return [row];
    return [{ ...withoutEnd(row), status: ended.has(row.path) ? 'running' : state.status, at: turn.at }];
  });
  const known = new Set(before.map(({ path, status }) => `${path} ${status}`));
  return { before, news: since.filter(({ path, status }) => !known.has(`${path} ${status}`)) };
};

/** A frame that is open again has neither output nor failure. */
const withoutEnd = (ended: StepTransition): StepTransition => {
  const { output: _output, outputReference: _reference, failure: _failure, ...row } = ended;
  return row;
};
