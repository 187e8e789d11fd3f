import type { Failure } from '../run/status.ts';
import { checkRepair } from './check-repair.ts';
import { settleEdges } from './edges.ts';
import type { Actor, Repair } from './event.ts';
import { closeRun, closeRunAtOnce } from './close-run.ts';
import { succeedStep } from './outcome.ts';
import { openBatches } from './open-batches.ts';
import { pathOf, type Place, placeOf, rootScope } from './place.ts';
import type { Json } from '../flow/plan.ts';
import { statementOf } from './statements/statements.ts';
import { timerIdOf } from './timer-id.ts';
import { allSteps, cancelTimer, changeStep, planStepAt, setStep, stepAt, type Turn } from './turn.ts';

/** Applies a repair that `checkRepair` allows; any other changes nothing. */
export const applyRepair = (turn: Turn, repair: Repair, by: Actor): void => {
  if (!checkRepair(turn.plan, turn.state, repair).ok) return;
  switch (repair.action) {
    case 'retryStep':
      return retryStep(turn, unpark(turn, repair.path), repair.input);
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

/** Another ordinal of the same step: `send~2`. The effect key changes only with an edited input. */
const retryStep = (turn: Turn, place: Place, input: Json | undefined): void => {
  const { ordinal, generation, deferred: _, tries: __, ...step } = changeStep(turn, place, { status: 'failed' });
  if (input !== undefined) delete step.recipe;
  const edited = input === undefined ? { generation } : { generation: generation + 1, input };
  setStep(turn, place, { ...step, status: 'pending', ordinal: ordinal + 1, ...edited });
  if (edited.input !== undefined && place.scope !== rootScope) {
    turn.state.edited = { ...turn.state.edited, [pathOf(place)]: edited };
  }
  turn.state.ready.push(place);
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
