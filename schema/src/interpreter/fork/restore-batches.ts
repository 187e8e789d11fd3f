import type { ForEachStep, Plan } from '../../flow/plan.ts';
import type { Command, StepTransition } from '../command.ts';
import { endOneScope } from '../end-scopes.ts';
import type { BatchEnd } from '../event.ts';
import { createBatchState } from '../frames/batch.ts';
import { goOnInBatches, mostInBatch, takeBatchEnd } from '../frames/batches.ts';
import { pathOf, type Place } from '../place.ts';
import { scopesOf } from '../scopes.ts';
import type { BatchPlace, RunState } from '../state.ts';
import { openTurn, planStepAt, setStep, stepAt, type Turn } from '../turn.ts';
import { completePart, type Part, type Reports, reportsOf } from './fork-part.ts';
import { indexesOf, type LoopInBatches, restoreItem, type Restoring } from './restore-scope.ts';

type StartBatch = Extract<Command, { type: 'startBatch' }>;

/** Keeps outside of the run what a batch that stands has given, where that is much, as its own workflow does when it ends. */
export type KeepResults = (
  plan: Plan,
  state: RunState,
  ended: BatchPlace & { readonly end: BatchEnd },
) => Promise<BatchEnd>;

/** What batches gave travels with the state. */
export const travelling: KeepResults = (_plan, _state, { end }) => Promise.resolve(end);

/**
 * Rebuilds the loops of a part whose items run in batches, one batch after the other, each as its own workflow would hold
 * it. One in which everything stands has ended, and the loop takes what it gave; of the others each is started again with
 * the state that it was rebuilt to. Gives the reports of what stands in all of them.
 */
export const restoreBatches = async (part: Part, keep: KeepResults): Promise<readonly Reports[]> => {
  const reports: Reports[] = [];
  for (const loop of part.restoring.inBatches) {
    refuseBehind(part, loop);
    for (const batch of batchesOf(part, loop)) {
      reports.push(...(await restoreBatch(part, loop, batch, keep)));
      if (part.restoring.problems.length > 0) return reports;
    }
    goOnInBatches(part.turn, loop.place, planStepAt(part.turn, loop.place) as ForEachStep);
  }
  return reports;
};

/** Outputs of items that have not begun. */
const refuseBehind = ({ restoring: { order, problems } }: Part, { place, items }: LoopInBatches): void => {
  const prefix = `${pathOf(place)}[`;
  for (const path of Object.keys(order.outputs)) {
    if (!path.startsWith(prefix) || Number.parseInt(path.slice(prefix.length), 10) < items.length) continue;
    problems.push({ code: 'output_not_kept', path, message: `"${path}" has not run, so it has no output to edit.` });
  }
};

/** What rebuilding a state has asked for: activities, and batches. Timers stand in the state itself. */
export const commandsOf = ({ commands }: Turn): readonly Command[] =>
  commands.filter(({ type }) => type === 'scheduleActivity' || type === 'startBatch');

interface RecordedBatch {
  readonly number: number;
  /** Index of its first item, and of the one to begin next. */
  readonly from: number;
  readonly next: number;
  readonly rows: ReadonlyMap<string, StepTransition>;
}

/** Those first of which all items have begun: the others share what these leave of the loop's concurrency. */
const batchesOf = (part: Part, loop: LoopInBatches): readonly RecordedBatch[] => {
  const { turn, restoring } = part;
  const { size = 1 } = (planStepAt(turn, loop.place) as ForEachStep).batches ?? {};
  const prefix = `${pathOf(loop.place)}[`;
  const rows = new Map<number, Map<string, StepTransition>>();
  for (const [path, row] of restoring.rows) {
    if (!path.startsWith(prefix)) continue;
    const number = Math.floor(Number.parseInt(path.slice(prefix.length), 10) / size);
    const own = rows.get(number) ?? new Map<string, StepTransition>();
    rows.set(number, own.set(path, row));
  }
  const all = Array.from({ length: Math.ceil(loop.items.length / size) }, (_, number): RecordedBatch => {
    const own = rows.get(number) ?? new Map<string, StepTransition>();
    const next = indexesOf({ rows: own }, loop.place).reduce((most, index) => Math.max(most, index + 1), 0);
    return { number, from: number * size, next: Math.min(next, loop.items.length), rows: own };
  });
  const isBegun = ({ from, next }: RecordedBatch): boolean => next >= Math.min(from + size, loop.items.length);
  return [...all.filter(isBegun), ...all.filter((batch) => !isBegun(batch))];
};

const restoreBatch = async (
  { turn, restoring }: Part,
  { place, items, isGivenUp }: LoopInBatches,
  { number, from, next, rows }: RecordedBatch,
  keep: KeepResults,
): Promise<readonly Reports[]> => {
  const step = planStepAt(turn, place) as ForEachStep;
  const given = items.slice(from, from + (step.batches?.size ?? 1));
  const command: StartBatch = {
    type: 'startBatch',
    path: pathOf(place),
    ordinal: stepAt(turn, place).ordinal,
    number,
    from,
    items: given,
    concurrency: Math.max(1, Math.min(mostInBatch(step), given.length, step.concurrency - heldBy(turn, place))),
  };
  const batch: Part = {
    turn: openTurn(turn.plan, createBatchState(turn.plan, turn.state, command), turn.at),
    restoring: {
      ...restoring,
      rows,
      inBatches: [],
      covers: coversItems(restoring, place, [from, from + given.length]),
    },
  };
  const { loop, ...known } = stepAt(batch.turn, place);
  if (loop) setStep(batch.turn, place, { ...known, loop: { ...loop, next } });
  for (let index = from; index < next; index += 1) {
    restoreItem(batch.turn, batch.restoring, place, { index, items: given, from, isGivenUp });
  }
  completePart(batch);
  const inside = restoring.problems.length === 0 ? await restoreBatches(batch, keep) : [];
  if (restoring.problems.length > 0) return [];
  while (await endOneScope(batch.turn));
  await takeInto(turn, place, { command, batch: batch.turn }, keep);
  return [reportsOf(batch), ...inside];
};

/** How many items of its batches that are rebuilt so far are under way. */
const heldBy = (turn: Turn, place: Place): number =>
  Object.values(stepAt(turn, place).loop?.batches ?? {}).reduce((sum, { holds }) => sum + holds, 0);

const coversItems =
  ({ covers }: Restoring, place: Place, [from, to]: readonly [number, number]) =>
  (path: string): boolean => {
    const prefix = `${pathOf(place)}[`;
    if (!path.startsWith(prefix) || !covers(path)) return false;
    const index = Number.parseInt(path.slice(prefix.length), 10);
    return index >= from && index < to;
  };

/** The loop knows of a batch what it would know if that had come so far by itself. */
const takeInto = async (
  turn: Turn,
  place: Place,
  { command, batch }: { readonly command: StartBatch; readonly batch: Turn },
  keep: KeepResults,
): Promise<void> => {
  const { path, ordinal, number, from, items, concurrency } = command;
  const { plan, state } = batch;
  if (state.batch?.end) {
    const end = await keep(plan, state, { path, ordinal, number, end: state.batch.end });
    takeBatchEnd(turn, place, { number, end });
    return;
  }
  const begun = (stepAt(batch, place).loop?.next ?? 0) >= from + items.length;
  const holds = begun ? scopesOf(batch, place).length : concurrency;
  const known = { holds, ...(begun && { begun }) };
  if (state.batch) state.batch = { ...state.batch, told: known };
  const { loop, ...step } = stepAt(turn, place);
  if (loop) setStep(turn, place, { ...step, loop: { ...loop, batches: { ...loop.batches, [number]: known } } });
  turn.commands.push({ ...command, concurrency, restored: { state, commands: commandsOf(batch) } });
};
