import type { ForEachStep, Json } from '../../flow/plan.ts';
import type { Failure } from '../../run/status.ts';
import { isAnyDone, keepsTooMuch, tooMuchToUndo } from '../compensation.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { failStep } from '../outcome.ts';
import { iterationScope, type Place, placeOf } from '../place.ts';
import { dropScope, failScope, isStopping, openScope, scopeAt, scopesOf, stopScope } from '../scopes.ts';
import type { LoopState } from '../state.ts';
import { changeStep, planStepAt, setStep, stepAt, type Turn } from '../turn.ts';
import { within } from '../value.ts';
import { batchAt, endBatch } from './batch.ts';
import { goOnInBatches, mostItems, runsInBatches } from './batches.ts';
import type { Frame } from './frame.ts';
import { endLoop, filled, mostResults, sizeOf } from './loop-end.ts';
import { resultOf } from './scope-result.ts';
import { startLimit } from './time-limit.ts';

/** Characters of JSON of a loop's items: they travel with the run's state. */
const mostBytes = 262_144;

/** Iterations and other instances of frames under way in a run: each loop has one of its own, and more while there is room. */
const mostScopes = 500;

/** Runs its frame once for each item, several at a time, and gives what they gave in the order of the items. */
export const forEach: Frame<ForEachStep> = {
  async begin(turn, place, step) {
    const evaluated = await evaluatorFor(turn, place).evaluateOperand(step.items, 'items');
    if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
    const items = evaluated.value ?? [];
    const refusal = refusalOf(items, step);
    if (refusal) return failStep(turn, place, refusal);
    const list = items as readonly Json[];
    const isLong = runsInBatches(step, list.length);
    const loop: LoopState = { items: list, next: 0, results: [], failed: [], ...(isLong && { batches: {} }) };
    changeStep(turn, place, { status: 'running', loop }, ['failure']);
    startLimit(turn, place, step);
    goOnWith(turn, place, step);
  },
  async endScope(turn, owner, scopePath, step) {
    const { index = 0, failure, stopping } = scopeAt(turn, scopePath);
    const result = stopping ? null : await resultOf(turn, scopePath, step.result);
    // What the item did is undone, and then it ends as failed.
    if (result?.ok === false && isAnyDone(turn, scopePath)) {
      failScope(turn, scopePath, result.failure);
      // Nothing in it may have been left to stop: it has its turn all the same.
      turn.touched.add(scopePath);
      return;
    }
    dropScope(turn, scopePath);
    const reason = failure ?? (result?.ok === false ? result.failure : undefined);
    const { loop: known, ...rest } = stepAt(turn, owner);
    if (!known) throw new Error(`${owner.stepId} is no loop under way.`);
    const { placed: _, ...loop } = known;
    const { value, placed } = result?.ok ? result.value : { value: null, placed: [] };
    const inPlace = within([String(index)], placed);
    const size = (loop.size ?? 0) + sizeOf(value, inPlace);
    const results = size > mostResults ? [] : filled(loop.results, index - (loop.part?.from ?? 0), [value]);
    const outside = size > mostResults ? [] : [...(known.placed ?? []), ...inPlace];
    const failed = reason ? [...loop.failed, { index, failure: reason }] : loop.failed;
    const isEnd = reason && step.onItemFailure !== 'collect';
    const stopped = loop.stopped ?? (isEnd ? reason : keepsTooMuch(turn) ? tooMuchToUndo : undefined);
    setStep(turn, owner, {
      ...rest,
      loop: {
        ...loop,
        results,
        size,
        failed,
        ...(outside.length > 0 && { placed: outside }),
        ...(stopped && { stopped }),
      },
    });
    if (stopped) for (const path of scopesOf(turn, owner)) stopScope(turn, path);
    goOn(turn, owner, step);
  },
  portFor: () => 'out',
  expected: 'any value',
};

const goOnWith = (turn: Turn, owner: Place, step: ForEachStep): void =>
  stepAt(turn, owner).loop?.batches ? goOnInBatches(turn, owner, step) : goOn(turn, owner, step);

/** Begins what may begin now, or ends the loop, or the batch of it that this is. */
const goOn = (turn: Turn, owner: Place, step: ForEachStep): void => {
  const { loop } = stepAt(turn, owner);
  if (!loop?.items) throw new Error(`${owner.stepId} is no loop over items under way.`);
  const { items, stopped, part } = loop;
  const batch = batchAt(turn, owner);
  const { concurrency } = batch ?? step;
  const from = part?.from ?? 0;
  let { next } = loop;
  const isEnding = isStopping(turn, owner) || stopped !== undefined;
  let active = scopesOf(turn, owner).length;
  let room = mostScopes - Object.keys(turn.state.scopes).length;
  const mayBegin = () => active === 0 || (active < concurrency && room > 0);
  for (; !isEnding && next < from + items.length && mayBegin(); next += 1, active += 1, room -= 1) {
    openScope(turn, owner, iterationScope(owner, next), { index: next, item: items[next - from] ?? null });
  }
  setStep(turn, owner, { ...stepAt(turn, owner), loop: { ...loop, next } });
  if (active > 0) return;
  if (batch) endBatch(turn, owner);
  else endLoop(turn, owner);
};

/** The first items of the batch that this is. */
export const beginBatch = (turn: Turn): void => {
  const { batch } = turn.state;
  if (!batch) return;
  const owner = placeOf(batch.path);
  goOn(turn, owner, planStepAt(turn, owner) as ForEachStep);
};

const refusalOf = (items: Json, { batches }: ForEachStep): Failure | null => {
  if (!Array.isArray(items)) {
    const message = `items: ${JSON.stringify(items).slice(0, 80)} is no list. Give a list such as {{ steps.search.output.body.results }}.`;
    return { name: 'expression_failed', message };
  }
  const most = batches ? mostItems.inBatches : mostItems.inRun;
  if (items.length > most) {
    const message = `items: The list has ${items.length} items; one loop takes ${most}. Loop over parts of the list.`;
    return { name: 'too_many_items', message };
  }
  const bytes = JSON.stringify(items).length;
  if (bytes <= mostBytes) return null;
  const message = `items: The list has ${bytes} bytes as JSON; one loop takes ${mostBytes}. Loop over ids, and fetch what is large in the loop.`;
  return { name: 'items_too_large', message };
};
