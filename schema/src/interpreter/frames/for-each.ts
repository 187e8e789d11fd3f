import type { ForEachStep, Json } from '../../flow/plan.ts';
import type { Failure } from '../../run/status.ts';
import { isAnyDone, keepsTooMuch, tooMuchToUndo } from '../compensation.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { failStep, succeedStep } from '../outcome.ts';
import { iterationScope, type Place } from '../place.ts';
import { dropScope, failScope, isStopping, openScope, scopeAt, scopesOf, stopScope } from '../scopes.ts';
import type { LoopState } from '../state.ts';
import { changeStep, setStep, stepAt, type Turn } from '../turn.ts';
import type { Frame } from './frame.ts';
import { resultOf } from './scope-result.ts';
import { startLimit } from './time-limit.ts';

/** Items, and characters of JSON of items and of results, that one loop may hold: they travel with the run's state. */
const limits = { items: 1_000, bytes: 262_144, results: 524_288 } as const;

/** Iterations and other instances of frames under way in a run: each loop has one of its own, and more while there is room. */
const mostScopes = 500;

/** Runs its frame once for each item, several at a time, and gives what they gave in the order of the items. */
export const forEach: Frame<ForEachStep> = {
  async begin(turn, place, step) {
    const evaluated = await evaluatorFor(turn, place).evaluateOperand(step.items, 'items');
    if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
    const items = evaluated.value ?? [];
    const refusal = refusalOf(items);
    if (refusal) return failStep(turn, place, refusal);
    const loop: LoopState = { items: items as readonly Json[], next: 0, results: [], failed: [] };
    changeStep(turn, place, { status: 'running', loop }, ['failure']);
    startLimit(turn, place, step);
    goOn(turn, place, step);
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
    const { loop, ...rest } = stepAt(turn, owner);
    if (!loop) throw new Error(`${owner.stepId} is no loop under way.`);
    const value = result?.ok ? result.value : null;
    const size = (loop.size ?? 0) + JSON.stringify(value).length;
    const results = size > limits.results ? [] : filled(loop.results, index, value);
    const failed = reason ? [...loop.failed, { index, failure: reason }] : loop.failed;
    const isEnd = reason && step.onItemFailure !== 'collect';
    const stopped = loop.stopped ?? (isEnd ? reason : keepsTooMuch(turn) ? tooMuchToUndo : undefined);
    setStep(turn, owner, { ...rest, loop: { ...loop, results, size, failed, ...(stopped && { stopped }) } });
    if (stopped) for (const path of scopesOf(turn, owner)) stopScope(turn, path);
    goOn(turn, owner, step);
  },
  portFor: () => 'out',
  expected: 'any value',
};

/** Begins what may begin now, or ends the loop. */
const goOn = (turn: Turn, owner: Place, { concurrency }: ForEachStep): void => {
  const { loop } = stepAt(turn, owner);
  if (!loop?.items) throw new Error(`${owner.stepId} is no loop over items under way.`);
  const { items, stopped } = loop;
  let { next } = loop;
  const isEnding = isStopping(turn, owner) || stopped !== undefined;
  let active = scopesOf(turn, owner).length;
  let room = mostScopes - Object.keys(turn.state.scopes).length;
  const mayBegin = () => active === 0 || (active < concurrency && room > 0);
  for (; !isEnding && next < items.length && mayBegin(); next += 1, active += 1, room -= 1) {
    openScope(turn, owner, iterationScope(owner, next), { index: next, item: items[next] ?? null });
  }
  setStep(turn, owner, { ...stepAt(turn, owner), loop: { ...loop, next } });
  if (active > 0) return;
  if (isStopping(turn, owner)) return void changeStep(turn, owner, { status: 'cancelled' }, ['loop']);
  if (stopped) return failStep(turn, owner, stopped);
  const { size = 0 } = loop;
  if (size > limits.results) return failStep(turn, owner, tooLarge(size));
  succeedStep(turn, owner, toOutput(loop));
};

const toOutput = ({ items = [], results, failed }: LoopState): Json => ({
  results: items.map((_, index) => results[index] ?? null),
  count: items.length,
  failed: failed
    .toSorted((left, right) => left.index - right.index)
    .map(({ index, failure: { name, message } }) => ({ index, failure: { name, message } })),
});

/** JSON has no holes. */
const filled = (results: readonly Json[], index: number, value: Json): Json[] =>
  Array.from({ length: Math.max(results.length, index + 1) }, (_, at) =>
    at === index ? value : (results[at] ?? null),
  );

const tooLarge = (size: number): Failure => ({
  name: 'results_too_large',
  message: `All items are done, but what they gave has ${size} characters as JSON; one loop gives at most ${limits.results}.`,
  advice: 'Give the loop a result that is smaller, such as an id. This run can go on if you complete the loop.',
});

const refusalOf = (items: Json): Failure | null => {
  if (!Array.isArray(items)) {
    const message = `items: ${JSON.stringify(items).slice(0, 80)} is no list. Give a list such as {{ steps.search.output.body.results }}.`;
    return { name: 'expression_failed', message };
  }
  if (items.length > limits.items) {
    const message = `items: The list has ${items.length} items; one loop takes ${limits.items}. Loop over parts of the list.`;
    return { name: 'too_many_items', message };
  }
  const bytes = JSON.stringify(items).length;
  if (bytes <= limits.bytes) return null;
  const message = `items: The list has ${bytes} bytes as JSON; one loop takes ${limits.bytes}. Loop over ids, and fetch what is large in the loop.`;
  return { name: 'items_too_large', message };
};
