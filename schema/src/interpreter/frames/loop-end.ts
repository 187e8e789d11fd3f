import type { Json } from '../../flow/plan.ts';
import type { PlacedReference } from '../../run/large-value.ts';
import type { Failure } from '../../run/status.ts';
import { succeedComposed } from '../evaluate-outside.ts';
import { failStep } from '../outcome.ts';
import type { Place } from '../place.ts';
import { isStopping } from '../scopes.ts';
import type { LoopState } from '../state.ts';
import { changeStep, stepAt, type Turn } from '../turn.ts';
import { within } from '../value.ts';

/** Characters of JSON of what one loop's items give: they travel with the run's state. */
export const mostResults = 524_288;

/** Characters of JSON of what one item gave: of the value itself, and of the references to its parts that are kept outside. */
export const sizeOf = (value: Json, placed: readonly PlacedReference[]): number =>
  JSON.stringify(value).length + (placed.length > 0 ? JSON.stringify(placed).length : 0);

/** Nothing of the loop is under way any more. */
export const endLoop = (turn: Turn, owner: Place): void => {
  const { loop } = stepAt(turn, owner);
  if (!loop) throw new Error(`${owner.stepId} is no loop under way.`);
  const { stopped, size = 0 } = loop;
  if (isStopping(turn, owner)) return void changeStep(turn, owner, { status: 'cancelled' }, ['loop']);
  if (stopped) return failStep(turn, owner, stopped);
  if (size > mostResults) return failStep(turn, owner, tooLarge(size));
  succeedComposed(turn, owner, { value: toOutput(loop), placed: within(['results'], loop.placed ?? []) });
};

/** How many items the whole list has. */
export const countOf = ({ items = [], part }: LoopState): number => part?.count ?? items.length;

const toOutput = (loop: LoopState): Json => {
  const count = countOf(loop);
  return {
    results: Array.from({ length: count }, (_, index) => loop.results[index] ?? null),
    count,
    failed: loop.failed
      .toSorted((left, right) => left.index - right.index)
      .map(({ index, failure: { name, message } }) => ({ index, failure: { name, message } })),
  };
};

const tooLarge = (size: number): Failure => ({
  name: 'results_too_large',
  message:
    `All items are done, but what they gave has ${size} characters as JSON, where of a large value its reference counts; ` +
    `one loop gives at most ${mostResults}.`,
  advice: 'Give the loop a result that is smaller, such as an id. This run can go on if you complete the loop.',
});

/** The results with some more of them in their places. JSON has no holes. */
export const filled = (results: readonly Json[], from: number, values: readonly Json[]): Json[] => {
  const all = results.slice();
  while (all.length < from) all.push(null);
  values.forEach((value, at) => {
    all[from + at] = value;
  });
  return all;
};
