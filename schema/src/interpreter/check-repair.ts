import type { Plan } from '../flow/plan.ts';
import { isClosed } from '../run/status.ts';
import type { LetterReference, Repair } from './event.ts';
import { placeOf } from './place.ts';
import { batchOf, inBatch, openBatches } from './open-batches.ts';
import type { BatchPlace, RunState, StepState } from './state.ts';
import { statementOf } from './statements/statements.ts';
import { findStep, planStepAt } from './turn.ts';

/** `code` is stable, for machines; `message` is for whoever asked for the repair. */
export type RepairVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      /** Where to ask instead: the step stands in a batch, which has a workflow of its own. */
      readonly batch?: BatchPlace;
    };

const refuse = (code: string, message: string): RepairVerdict => ({ ok: false, code, message });

/** Whether a repair may be applied now. Pure: update validators call it before anything enters history. */
export const checkRepair = (plan: Plan, state: RunState, repair: Repair): RepairVerdict => {
  if (isClosed(state.status)) return refuse('run_not_open', `This run is ${state.status}: nothing is left to repair.`);
  if (state.status === 'queued') return refuse('run_not_started', 'This run has not started yet.');
  const isWaiting = isParked(state) || isAnyStep(state, ({ waitsFor }) => waitsFor !== undefined);
  if (state.closing && (!isWaiting || state.closing.status === 'superseded'))
    return refuse('run_is_ending', 'This run is ending: it only waits for steps that still run.');
  const batch = 'path' in repair ? batchOf(plan, state, repair.path) : null;
  if (batch) return inBatch(batch, 'path' in repair ? repair.path : '');
  if (repair.letter && !isInBatch(plan, state, repair.letter) && !isOpen(state, repair.letter)) {
    const { path, ordinal } = repair.letter;
    return refuse('dead_letter_closed', `The dead letter ${path}~${ordinal} was decided in the meantime.`);
  }
  switch (repair.action) {
    case 'cancelRun':
      return { ok: true };
    case 'failRun':
      return isParked(state)
        ? { ok: true }
        : refuse('run_not_parked', 'No step of this run waits for a person. To end it all the same, cancel it.');
    case 'retryStep':
    case 'completeStep':
    case 'skipStep':
      return checkStep(plan, state, repair);
  }
};

const isOpen = (state: RunState, { path, ordinal }: LetterReference): boolean => {
  const step = findStep({ state }, placeOf(path));
  return step?.status === 'needs_attention' && step.ordinal === ordinal;
};

/** What becomes of a letter in a batch is known there alone. */
const isInBatch = (plan: Plan, state: RunState, { path }: LetterReference): boolean =>
  batchOf(plan, state, path) !== null;

const isParked = (state: RunState): boolean =>
  isAnyStep(state, ({ status }) => status === 'needs_attention') || openBatches(state).some(({ parked }) => parked);

const isAnyStep = (state: RunState, is: (step: StepState) => boolean): boolean =>
  Object.values(state.scopes).some(({ steps }) => Object.values(steps).some(is));

/** What waits for something from outside need not wait for it. */
const mayBeEnded = ({ waitsFor }: StepState, { action }: Repair): boolean =>
  waitsFor !== undefined && action !== 'retryStep';

const checkStep = (plan: Plan, state: RunState, repair: Extract<Repair, { path: string }>): RepairVerdict => {
  const place = placeOf(repair.path);
  const step = findStep({ state }, place);
  if (!step) return refuse('unknown_step', `This run has no step "${repair.path}".`);
  const planned = planStepAt({ plan }, place);
  if (step.status !== 'needs_attention' && !mayBeEnded(step, repair)) {
    return refuse('step_not_parked', `The step "${repair.path}" is ${step.status}, so it does not wait for a repair.`);
  }
  if (repair.action === 'retryStep' && repair.input !== undefined && !['action', 'subflow'].includes(planned.type)) {
    return refuse('input_not_editable', `The step "${repair.path}" has no input to edit. Complete it with an output.`);
  }
  const { input, recipe } = step;
  if (repair.action === 'retryStep' && repair.edit !== undefined && input === undefined && !recipe) {
    return refuse('input_not_editable', `The step "${repair.path}" had no input yet that could be edited.`);
  }
  if (repair.action === 'completeStep') {
    const statement = statementOf(planned);
    if (statement.portFor(planned, repair.output) === null) {
      return refuse('output_does_not_fit', `The step "${repair.path}" can be completed with ${statement.expected}.`);
    }
  }
  return { ok: true };
};

/** Whether a fork may take this run's place. `seq`: the run's last transition, as whoever decided knew it. */
export const checkSupersede = (state: RunState, seq: number): RepairVerdict => {
  if (isClosed(state.status)) return refuse('run_not_open', `This run is ${state.status} already.`);
  if (state.closing) return refuse('run_is_ending', 'This run is ending.');
  if (state.status !== 'waiting' && state.status !== 'needs_attention') {
    return refuse(
      'run_not_waiting',
      `This run is ${state.status}: it can be started again once it waits or has ended.`,
    );
  }
  // Batches count on by themselves, from what their run had counted when they began.
  if (state.seq === seq || (openBatches(state).length > 0 && state.seq < seq)) return { ok: true };
  return refuse('run_went_on', 'This run has gone on meanwhile. Look at it again, and decide anew.');
};
