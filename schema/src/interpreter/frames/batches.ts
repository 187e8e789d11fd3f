import type { ForEachStep, Json } from '../../flow/plan.ts';
import type { Failure } from '../../run/status.ts';
import { catcherOf } from '../catcher.ts';
import { closeRun } from '../close-run.ts';
import { addDone, keepsTooMuch, tooMuchToUndo } from '../compensation.ts';
import type { BatchEnd, KernelEvent } from '../event.ts';
import { pathOf, type Place, placeOf } from '../place.ts';
import { failScope, isStopping } from '../scopes.ts';
import type { BatchPlace, LoopState, OpenBatch } from '../state.ts';
import { findStep, planStepAt, setStep, stepAt, type Turn } from '../turn.ts';
import { endLoop, filled, mostResults } from './loop-end.ts';
import { stopBatches } from './stop-batches.ts';

/** Items that one batch has under way at most: a loop with more at once has several batches under way. */
const mostAtOnce = 25;

/** Items that one loop may have, in the run itself and in batches. */
export const mostItems = { inRun: 1_000, inBatches: 100_000 } as const;

export const runsInBatches = ({ batches }: ForEachStep, count: number): boolean =>
  batches !== undefined && count > batches.above;

/** Begins what may begin now, or ends the loop. Together the batches have no more under way than the loop may. */
export const goOnInBatches = (turn: Turn, owner: Place, step: ForEachStep): void => {
  const { ordinal } = stepAt(turn, owner);
  const { size = 1 } = step.batches ?? {};
  for (let loop = loopAt(turn, owner); !isEnding(turn, owner, loop); loop = loopAt(turn, owner)) {
    const { items = [], part, next, batches = {} } = loop;
    const share = shareFor(step, Object.values(batches));
    if (items.length === 0 || share === 0) break;
    const number = Math.floor(next / size);
    const given = items.slice(0, size);
    const holds = Math.min(share, given.length);
    setStep(turn, owner, {
      ...stepAt(turn, owner),
      loop: {
        ...loop,
        // What a batch has taken along is not kept here.
        items: items.slice(given.length),
        part: { from: next + given.length, count: part?.count ?? items.length },
        next: next + given.length,
        batches: { ...batches, [number]: { holds } },
      },
    });
    turn.evaluators.push({ spent: 0, bytes: JSON.stringify(given).length });
    turn.commands.push({
      type: 'startBatch',
      path: pathOf(owner),
      ordinal,
      number,
      from: next,
      items: given,
      concurrency: holds,
    });
  }
  if (Object.keys(loopAt(turn, owner).batches ?? {}).length === 0) endLoop(turn, owner);
};

const loopAt = (turn: Turn, owner: Place): LoopState => {
  const { loop } = stepAt(turn, owner);
  if (!loop) throw new Error(`${owner.stepId} is no loop under way.`);
  return loop;
};

const isEnding = (turn: Turn, owner: Place, { stopped }: LoopState): boolean =>
  isStopping(turn, owner) || stopped !== undefined;

/** How many items one of several batches has under way at most. */
export const mostInBatch = ({ concurrency }: ForEachStep): number =>
  Math.ceil(concurrency / Math.ceil(concurrency / mostAtOnce));

/** How many items the next batch may have under way; 0 when none may begin. A batch with very few at once is worth it only where no other goes on. */
const shareFor = (step: ForEachStep, open: readonly OpenBatch[]): number => {
  const { concurrency } = step;
  const share = mostInBatch(step);
  const free = concurrency - open.reduce((sum, { holds }) => sum + holds, 0);
  if (free <= 0 || (free < share / 2 && open.some(({ begun }) => !begun))) return 0;
  return Math.min(share, free);
};

type BatchEvent = Extract<KernelEvent, { type: 'batchReported' | 'batchEnded' }>;

/** What a batch that is under way tells; anything late or foreign changes nothing. */
export const takeFromBatch = (turn: Turn, event: BatchEvent): void => {
  const owner = placeOf(event.path);
  const batch = openBatchAt(turn, owner, event);
  if (!batch) return;
  const step = planStepAt(turn, owner) as ForEachStep;
  if (event.type === 'batchEnded') return endOpenBatch(turn, owner, event);
  const { holds, begun, parked } = event.report;
  const { stopping } = batch;
  const known: OpenBatch = {
    holds,
    ...(begun && { begun }),
    ...(parked && { parked }),
    ...(stopping && { stopping }),
  };
  const { loop, ...rest } = stepAt(turn, owner);
  if (!loop) return;
  setStep(turn, owner, { ...rest, loop: { ...loop, batches: { ...loop.batches, [event.number]: known } } });
  goOnInBatches(turn, owner, step);
};

const openBatchAt = (turn: Turn, owner: Place, { ordinal, number }: BatchPlace): OpenBatch | undefined => {
  const step = findStep(turn, owner);
  return step?.status === 'running' && step.ordinal === ordinal ? step.loop?.batches?.[number] : undefined;
};

const endOpenBatch = (turn: Turn, owner: Place, event: Extract<BatchEvent, { type: 'batchEnded' }>): void => {
  takeBatchEnd(turn, owner, event);
  // The loop goes on in the fork.
  if (turn.state.closing?.status === 'superseded') return;
  goOnInBatches(turn, owner, planStepAt(turn, owner) as ForEachStep);
};

/** What a batch that has ended means for the loop and for the run. */
export const takeBatchEnd = (
  turn: Turn,
  owner: Place,
  { number, end }: { readonly number: number; readonly end: BatchEnd },
): void => {
  const step = planStepAt(turn, owner) as ForEachStep;
  takeOver(turn, end);
  const { loop, ...rest } = stepAt(turn, owner);
  if (!loop) return;
  const { [number]: _, ...batches } = loop.batches ?? {};
  const stopped = loop.stopped ?? end.stopped ?? (keepsTooMuch(turn) ? tooMuchToUndo : undefined);
  setStep(turn, owner, {
    ...rest,
    usedOrdinal: Math.max(rest.usedOrdinal ?? 0, end.usedOrdinal ?? 0),
    loop: { ...withResults(loop, number * (step.batches?.size ?? 1), end), batches, ...(stopped && { stopped }) },
  });
  if (stopped) stopBatches(turn, owner);
  if (end.closing) closeRun(turn, end.closing);
  if (end.escaped) escape(turn, owner, end.escaped);
};

/** What outlives the items: what can be undone, and what a person has edited. */
const takeOver = (turn: Turn, { done, edited, seq }: BatchEnd): void => {
  turn.state.seq = Math.max(turn.state.seq, seq);
  if (done) addDone(turn, done);
  if (edited) turn.state.edited = { ...turn.state.edited, ...edited };
};

const withResults = (known: LoopState, from: number, { results, placed = [], size, failed }: BatchEnd): LoopState => {
  const { placed: before = [], ...loop } = known;
  const all = (loop.size ?? 0) + size + (failed.length > 0 ? JSON.stringify(failed).length : 0);
  if (all > mostResults) return { ...loop, size: all, results: [], failed: [] };
  const outside = [...before, ...placed];
  return {
    ...loop,
    size: all,
    results: filled(loop.results, from, results as Json[]),
    ...(outside.length > 0 && { placed: outside }),
    failed: [...loop.failed, ...failed],
  };
};

/** A frame around the loop takes the failure, as it would take one of an item of its own. */
const escape = (turn: Turn, owner: Place, failure: Failure): void => {
  if (isStopping(turn, owner)) return;
  const catcher = catcherOf(turn, owner, failure);
  if (catcher.type === 'frame') failScope(turn, catcher.scope, failure);
};
