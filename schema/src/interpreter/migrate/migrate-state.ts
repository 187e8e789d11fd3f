import type { Plan } from '../../flow/plan.ts';
import { isClosed } from '../../run/status.ts';
import type { Command } from '../command.ts';
import { createScope } from '../create-state.ts';
import { settleEdges } from '../edges.ts';
import { type Exit, exitOf } from '../exit-of.ts';
import { isUndo } from '../is-undo.ts';
import { openBatches } from '../open-batches.ts';
import { type Place, rootScope } from '../place.ts';
import type { RunState, ScopeState, StepState } from '../state.ts';
import { changeStep, openTurn, planStepAt, setStep, stepAt, type Turn } from '../turn.ts';
import { differencesOf, type PlanDifference, stepsInside } from './plan-difference.ts';

/** Why a run cannot go on under another version. `stepId` is absent where it is about the run as a whole. */
export interface MigrationProblem {
  readonly code:
    | PlanDifference['code']
    | 'other_flow'
    | 'same_version'
    | 'run_not_open'
    | 'run_not_waiting'
    | 'run_is_ending'
    | 'batches_open';
  readonly stepId?: string;
  readonly message: string;
}

export type Migrated =
  | { readonly ok: true; readonly state: RunState; readonly commands: readonly Command[] }
  | { readonly ok: false; readonly problems: readonly MigrationProblem[] };

/**
 * The state of a run that waits, under another version of its flow: possible when every step that has begun, and the ways
 * that led to it, are equal there. What has not begun follows the new drawing. Time limits that run go on as they are.
 */
export const migrateState = (from: Plan, to: Plan, state: RunState, at: number): Migrated => {
  const problems = findProblems(from, to, state);
  if (problems.length > 0) return { ok: false, problems };
  const turn = openTurn(to, { ...state, ready: [] }, at);
  const exits: { readonly place: Place; readonly exit: Exit }[] = [];
  for (const [scopePath, scope] of Object.entries(state.scopes)) {
    turn.state.scopes[scopePath] = redraw(state, to, scope);
    for (const stepId of to.regions[scope.region]?.steps ?? []) {
      const known = scope.steps[stepId];
      const place = { scope: scopePath, stepId };
      const exit = known && hasBegun(known) ? exitIn(turn, place, known) : null;
      if (exit) exits.push({ place, exit });
    }
  }
  for (const { place, exit } of exits) settleEdges(turn, place, exit.port);
  for (const [scopePath, { region }] of Object.entries(state.scopes)) {
    for (const stepId of to.regions[region]?.steps ?? []) begin(turn, { scope: scopePath, stepId });
  }
  return { ok: true, state: turn.state, commands: turn.commands };
};

const findProblems = (from: Plan, to: Plan, state: RunState): MigrationProblem[] => {
  if (from.flowId !== to.flowId) return [{ code: 'other_flow', message: 'The version belongs to another flow.' }];
  if (from.flowVersion === to.flowVersion) {
    return [{ code: 'same_version', message: `The run is on version ${to.flowVersion} already.` }];
  }
  if (isClosed(state.status)) {
    const message = `This run is ${state.status}. Start it again on another version instead.`;
    return [{ code: 'run_not_open', message }];
  }
  if (state.closing || Object.values(state.scopes).some(({ stopping }) => stopping)) {
    const message = 'Something in this run is being stopped. Try again when that has ended.';
    return [{ code: 'run_is_ending', message }];
  }
  if (state.status !== 'waiting' && state.status !== 'needs_attention') {
    const message = `This run is ${state.status}. It can change its version while it waits, for a time or for a person.`;
    return [{ code: 'run_not_waiting', message }];
  }
  if (openBatches(state).length > 0) {
    const message = 'A long loop of this run is under way. It can change its version when that has ended.';
    return [{ code: 'batches_open', message }];
  }
  const { shallow, deep } = begunSteps(from, state);
  return differencesOf(from, to, [...shallow, ...deep], (stepId) => deep.has(stepId));
};

/** A step that was asked to come back later is pending again, and has begun all the same. */
const hasBegun = ({ status, ordinal, tries }: StepState): boolean =>
  status !== 'pending' || ordinal > 1 || tries !== undefined;

/** By id. A frame that is under way may hold what has not begun; one that has ended, or an iteration of it, may not. */
const begunSteps = (plan: Plan, state: RunState) => {
  const shallow = new Set<string>();
  const deep = new Set<string>();
  for (const [scopePath, { steps }] of Object.entries(state.scopes)) {
    for (const [stepId, step] of Object.entries(steps)) {
      const isOtherTrigger = plan.steps[stepId]?.type === 'trigger' && stepId !== state.triggerStepId;
      if (!hasBegun(step) || isOtherTrigger) continue;
      if (step.status !== 'running' || stepsInside(plan, stepId).length === 0) deep.add(stepId);
      else shallow.add(stepId);
      const open = Object.values(state.scopes).filter(
        ({ owner }) => owner?.scope === scopePath && owner.stepId === stepId,
      ).length;
      if (step.loop && step.loop.next > open) for (const inside of stepsInside(plan, stepId)) deep.add(inside);
    }
  }
  return { shallow, deep };
};

/** An instance as the new drawing has it: what has begun is as it was, its edges are to be counted. */
const redraw = (state: RunState, to: Plan, scope: ScopeState): ScopeState => {
  const { owner, firstOrdinal = 1 } = scope;
  const generation = owner ? state.scopes[owner.scope]?.steps[owner.stepId]?.generation : undefined;
  const fresh = createScope(to, scope.region, {
    ordinal: firstOrdinal,
    ...(generation !== undefined && { generation }),
  });
  const steps = Object.entries(fresh.steps).map(([stepId, step]): [string, StepState] => {
    const { pendingEdges, takenEdges } = step;
    return [stepId, { ...step, ...scope.steps[stepId], pendingEdges, takenEdges }];
  });
  return { ...scope, steps: Object.fromEntries(steps) };
};

const exitIn = (turn: Turn, place: Place, step: StepState): Exit | null => {
  const planned = planStepAt(turn, place);
  if (step.status === 'skipped') return { port: null };
  // The state holds what was delivered as `trigger`.
  return exitOf(turn.plan, planned, step);
};

/** What can begin now: new in a frame without a way to it, or a step whose turn had not come. */
const begin = (turn: Turn, place: Place): void => {
  const step = stepAt(turn, place);
  const { type, incoming } = planStepAt(turn, place);
  if (step.status !== 'pending' || isUndo(planStepAt(turn, place))) return;
  const isAgain = hasBegun(step);
  const isFree = incoming.length === 0 && type !== 'finally';
  if (isAgain || (isFree && place.scope !== rootScope)) {
    const isReady = turn.state.ready.some(({ scope, stepId }) => scope === place.scope && stepId === place.stepId);
    if (!isReady) turn.state.ready.push(place);
  } else if (isFree) {
    changeStep(turn, place, { status: 'skipped' });
    settleEdges(turn, place, null);
  } else setStep(turn, place, step);
};
