import type { Plan, PlanStep } from '../../flow/plan.ts';
import { isSettled } from '../../run/status.ts';
import { supersedeRun } from '../close-run.ts';
import type { Command } from '../command.ts';
import type { BatchReport, KernelEvent } from '../event.ts';
import { openBatches } from '../open-batches.ts';
import { pathOf, type Place, placeOf, rootScope } from '../place.ts';
import { scopesOf, stopScope } from '../scopes.ts';
import type { ParkedInside, RunState, ScopeState, StepState } from '../state.ts';
import { allSteps, findStep, isWorking, setStep, stepAt, type Turn } from '../turn.ts';

type StartBatch = Extract<Command, { type: 'startBatch' }>;

/**
 * The state with which a batch's own workflow begins: the loop over its part of the list, and around it what expressions
 * in the loop can read. Everything in it has the same path, and so the same effect key, as in the run's own workflow.
 */
export const createBatchState = (plan: Plan, run: RunState, command: StartBatch): RunState => {
  const { path, ordinal, number, from, items, concurrency } = command;
  const loop = placeOf(path);
  const { [loop.stepId]: step } = run.scopes[loop.scope]?.steps ?? {};
  if (!step?.loop) throw new Error(`The run has no loop ${path} under way.`);
  const { edited, vars, largeVars, trigger, triggerStepId, startedAt, env, seed } = run;
  const isRead = namesReadIn(plan, loop.stepId);
  const inside = Object.entries(edited ?? {}).filter(([each]) => each.startsWith(`${path}[`));
  const scopes = scopesAround(plan, run, { innermost: loop.scope, isRead });
  const { usedOrdinal, generation } = step;
  const state: StepState = {
    status: 'running',
    ordinal,
    generation,
    pendingEdges: 0,
    takenEdges: 0,
    ...(usedOrdinal !== undefined && { usedOrdinal }),
    loop: { items, part: { from, count: step.loop.part?.count ?? 0 }, next: from, results: [], failed: [] },
  };
  const own = scopes[loop.scope];
  if (own) own.steps[loop.stepId] = state;
  return {
    stateVersion: 1,
    status: 'running',
    // Behind all that has happened so far; the run goes on behind all that happens here.
    seq: run.seq,
    startedAt,
    triggerStepId,
    trigger: isRead('trigger') ? trigger : null,
    run: run.run,
    env,
    seed,
    timers: {},
    vars,
    ...(largeVars && { largeVars }),
    scopes,
    ready: [],
    batch: { path, ordinal, number, concurrency, told: { holds: concurrency } },
    ...(inside.length > 0 && { edited: Object.fromEntries(inside) }),
  };
};

/** What stands around a loop, to be read; the frames are there so that what ends the run reaches the loop. */
const scopesAround = (
  plan: Plan,
  { scopes }: RunState,
  { innermost, isRead }: { readonly innermost: string; readonly isRead: (name: string) => boolean },
): { [path: string]: ScopeState } => {
  const around: { [path: string]: ScopeState } = {};
  let frame: string | null = null;
  for (let path: string | undefined = innermost; path !== undefined; ) {
    const scope: ScopeState | undefined = scopes[path];
    if (!scope) throw new Error(`The run has no scope ${path}.`);
    // It has failed already, and this is its `finally`: no failure of the batch's.
    const { steps, failure: _, ...rest } = scope;
    around[path] = { ...rest, steps: readable(plan, steps, { frame, isRead }), around: true };
    frame = scope.owner?.stepId ?? null;
    path = scope.owner?.scope;
  }
  return around;
};

/** Whether a name occurs in what stands in a loop. What does not is not taken along: each batch would have it once more. */
const namesReadIn = (plan: Plan, loopId: string): ((name: string) => boolean) => {
  // The list has been evaluated.
  const text = JSON.stringify([{ ...plan.steps[loopId], items: null }, ...stepsInside(plan, loopId)]);
  const isAny = readsWhatever.test(text);
  return (name) => isAny || text.includes(name);
};

/** The scope as a whole, or names that are put together only when they are evaluated. */
const readsWhatever = /\bsteps\b(?!\.[A-Za-z_`])|\$\$|\*\*|\{\{\s*[*$](?![A-Za-z])|\$lookup|\(\s*\$\s*[,)]/;

const stepsInside = (plan: Plan, frame: string): readonly PlanStep[] =>
  (plan.regions[frame]?.steps ?? []).flatMap((stepId) => {
    const step = plan.steps[stepId];
    return step ? [step, ...stepsInside(plan, stepId)] : [];
  });

const readable = (
  plan: Plan,
  steps: ScopeState['steps'],
  { frame, isRead }: { readonly frame: string | null; readonly isRead: (name: string) => boolean },
): ScopeState['steps'] =>
  Object.fromEntries(
    Object.entries(steps).flatMap(([stepId, step]): [string, StepState][] => {
      const { status, ordinal, generation, output, large, failure } = step;
      const known = { ordinal, generation, pendingEdges: 0, takenEdges: 0 };
      if (stepId === frame) return [[stepId, { status: 'running', ...known }]];
      // The page of an approval is known before anybody has answered.
      if (plan.steps[stepId]?.type === 'approval' && !isSettled(status))
        return [[stepId, { status: 'skipped', ...known }]];
      if (!isSettled(status) || !isRead(stepId)) return [];
      if (output === undefined && !large && failure === undefined) return [];
      const given = { ...(output !== undefined && { output }), ...(large && { large }) };
      return [[stepId, { status, ...known, ...given, ...(failure && { failure }) }]];
    }),
  );

/** The batch that a loop is, in its own workflow. */
export const batchAt = ({ state }: Turn, owner: Place): RunState['batch'] =>
  state.batch?.path === pathOf(owner) ? state.batch : undefined;

/** All items have ended, or are not to begin any more. What it means for the run is for the run to say. */
export const endBatch = (turn: Turn, owner: Place): void => {
  const { batch, done, edited, closing } = turn.state;
  const { loop, ...step } = stepAt(turn, owner);
  if (!batch || !loop) throw new Error(`${owner.stepId} is no batch of a loop under way.`);
  const { results, placed, size = 0, failed, stopped } = loop;
  const escaped = Object.values(turn.state.scopes).find(({ around, failure }) => around && failure)?.failure;
  setStep(turn, owner, { ...step, status: 'succeeded' });
  turn.state.batch = {
    ...batch,
    end: {
      results,
      ...(placed && { placed }),
      size,
      seq: turn.state.seq,
      failed: failed.map(({ index, failure: { name, message } }) => ({ index, failure: { name, message } })),
      ...(stopped && { stopped }),
      ...(escaped && { escaped }),
      ...(closing && { closing }),
      ...(done && done.length > 0 && { done }),
      ...(edited && { edited }),
      ...(step.usedOrdinal !== undefined && { usedOrdinal: step.usedOrdinal }),
    },
  };
  turn.state.closing ??= { status: 'succeeded' };
};

/** Another run goes on in the place of this batch's: how far its items have come is on record, and nothing else is asked for. */
export const leaveBatch = ({ state }: Turn): void => {
  if (state.batch) state.batch = { ...state.batch, end: { results: [], size: 0, seq: state.seq, failed: [] } };
};

/** The run wants no more of this batch. */
export const stopBatch = (
  turn: Turn,
  { evenFinally, closing }: Extract<KernelEvent, { type: 'batchStopped' }>,
): void => {
  const { batch } = turn.state;
  if (!batch) return;
  if (closing === 'superseded') return supersedeRun(turn);
  if (closing) turn.state.closing ??= { status: closing };
  if (evenFinally) turn.state.done = [];
  stopScope(turn, rootScope, evenFinally);
  for (const [path, scope] of Object.entries(turn.state.scopes)) if (scope.around) stopScope(turn, path, evenFinally);
};

/** Tells the run what it does not know: that others may begin in this batch's place, or that somebody must look. */
export const reportBatch = (turn: Turn): void => {
  const { batch } = turn.state;
  if (!batch) return;
  const report = reportOf(turn, batch);
  const { told, path, ordinal, number } = batch;
  const isFreed = report.holds <= told.holds / 2 || (report.holds < told.holds && isIdle(turn));
  if (!isFreed && report.parked?.path === told.parked?.path) return;
  const { holds, begun, parked } = report;
  turn.state.batch = { ...batch, told: { holds, ...(begun && { begun }), ...(parked && { parked }) } };
  turn.commands.push({ type: 'reportBatch', path, ordinal, number, report });
};

const reportOf = (turn: Turn, { path, concurrency, told }: NonNullable<RunState['batch']>): BatchReport => {
  const loop = placeOf(path);
  const { items = [], part, next = 0 } = findStep(turn, loop)?.loop ?? {};
  const begun = next >= (part?.from ?? 0) + items.length;
  return { begun, holds: begun ? scopesOf(turn, loop).length : concurrency, parked: parkedIn(turn, told.parked) };
};

/** The same one as before for as long as it waits, so that the run is told only what is new. */
const parkedIn = (turn: Turn, known: ParkedInside | undefined): ParkedInside | null => {
  const own = allSteps(turn).flatMap(({ place, step: { status, failure } }): ParkedInside[] => {
    const { name = 'failed', message = '' } = failure ?? {};
    return status === 'needs_attention' ? [{ path: pathOf(place), failure: { name, message } }] : [];
  });
  const parked = [...own, ...openBatches(turn.state).flatMap((batch) => batch.parked ?? [])];
  return parked.find(({ path }) => path === known?.path) ?? parked[0] ?? null;
};

const isIdle = (turn: Turn): boolean =>
  openBatches(turn.state).every(({ parked }) => parked) &&
  !allSteps(turn).some(({ place, step }) => isWorking(turn, place, step));
