import type { Failure } from '../run/status.ts';
import { checkRepair } from './check-repair.ts';
import { settleEdges } from './edges.ts';
import type { Actor, Repair } from './event.ts';
import { closeRun, closeRunAtOnce } from './close-run.ts';
import { succeedStep } from './outcome.ts';
import { openBatches } from './open-batches.ts';
import { pathOf, type Place, placeOf, rootScope } from './place.ts';
import { mergePatch } from '../flow/merge-patch.ts';
import type { Json } from '../flow/plan.ts';
import type { StepState } from './state.ts';
import { statementOf } from './statements/statements.ts';
import { timerIdOf } from './timer-id.ts';
import { allSteps, cancelTimer, changeStep, planStepAt, setStep, stepAt, type Turn } from './turn.ts';

/** Applies a repair that `checkRepair` allows; any other changes nothing. */
export const applyRepair = (turn: Turn, repair: Repair, by: Actor): void => {
  if (!checkRepair(turn.plan, turn.state, repair).ok) return;
  switch (repair.action) {
    case 'retryStep':
      return retryStep(turn, unpark(turn, repair.path), repair);
    case 'completeStep':
      return completeStep(turn, unpark(turn, repair.path), repair.output);
    case 'skipStep':
      return skipStep(turn, unpark(turn, repair.path));
    case 'failRun':
      return end(turn, { status: 'failed', failure: parkedFailure(turn) ?? endedBy(by) });
    case 'cancelRun':
      return end(turn, { status: 'cancelled' });
  }
};

/** Asked for while the run is ending already: then a `finally` or an undo step has parked, and is given up. */
const end = (turn: Turn, closing: NonNullable<Turn['state']['closing']>): void => {
  if (turn.state.closing) return closeRunAtOnce(turn, closing);
  closeRun(turn, closing);
  // In a frame that had failed before: what else was done is undone all the same.
  for (const { place, step } of allSteps(turn)) {
    if (step.undoing && step.status === 'needs_attention') changeStep(turn, place, { status: 'failed' });
  }
};

const unpark = (turn: Turn, path: string): Place => {
  const place = placeOf(path);
  cancelTimer(turn, timerIdOf('park', place, stepAt(turn, place).ordinal));
  return place;
};

type Retry = Extract<Repair, { action: 'retryStep' }>;

/** Another ordinal of the same step: `send~2`. The effect key changes only with an edited input. */
const retryStep = (turn: Turn, place: Place, retry: Retry): void => {
  const { ordinal, generation, deferred: _, tries: __, ...step } = changeStep(turn, place, { status: 'failed' });
  const given = editedInput(step, retry);
  if (given) {
    delete step.input;
    delete step.recipe;
  }
  const edited = given ? { generation: generation + 1, ...given } : { generation };
  setStep(turn, place, { ...step, status: 'pending', ordinal: ordinal + 1, ...edited });
  if (given && place.scope !== rootScope) {
    turn.state.edited = { ...turn.state.edited, [pathOf(place)]: edited };
  }
  turn.state.ready.push(place);
};

type Given = Pick<StepState, 'input' | 'recipe'>;

/** Null when nothing is edited. What an input reads of values outside of the run is read anew, and then edited. */
const editedInput = ({ input: known, recipe }: Given, { input, edit }: Retry): Given | null => {
  if (input !== undefined) return { input };
  if (edit === undefined) return null;
  if (known !== undefined) return { input: mergePatch(known, edit) };
  if (recipe?.work.type !== 'template') return null;
  return { recipe: { ...recipe, work: { ...recipe.work, edits: [...(recipe.work.edits ?? []), edit] } } };
};

const completeStep = (turn: Turn, place: Place, output: Json): void => {
  const planned = planStepAt(turn, place);
  if (planned.type === 'setVariables') {
    turn.state.vars = { ...turn.state.vars, ...(output as { readonly [name: string]: Json }) };
  }
  if (planned.type === 'respond') turn.state.responded ??= pathOf(place);
  succeedStep(turn, place, output, statementOf(planned).portFor(planned, output));
};

/** The step counts as a branch that was not taken: what follows only from it is skipped too. */
const skipStep = (turn: Turn, place: Place): void => {
  changeStep(turn, place, { status: 'skipped' }, ['input', 'recipe', 'dueAt']);
  settleEdges(turn, place, null);
};

const parkedFailure = (turn: Turn): Failure | undefined =>
  allSteps(turn).find(({ step }) => step.status === 'needs_attention')?.step.failure ??
  openBatches(turn.state).find(({ parked }) => parked)?.parked?.failure;

const endedBy = ({ name }: Actor): Failure => ({
  name: 'failed_by_person',
  message: `${name} ended this run as failed.`,
});
