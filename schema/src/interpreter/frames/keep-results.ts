import type { Plan } from '../../flow/plan.ts';
import { seedFor } from '../../flow/expression/random.ts';
import { evaluateActivity, type LargeValue } from '../../run/large-value.ts';
import type { Command } from '../command.ts';
import type { BatchEnd } from '../event.ts';
import { evaluationOptions } from '../evaluate-outside.ts';
import { placeOf } from '../place.ts';
import type { BatchPlace, RunState } from '../state.ts';
import { placedAt } from '../value.ts';
import { sizeOf } from './loop-end.ts';

/** Characters of JSON up to which a batch's results travel with its run: 500 batches have less than a loop may give. */
const mostInRun = 1_024;

/** How long the run waits for its batch when results cannot be stored; then they travel with the run after all. */
const patience = '5m';

type ScheduleActivity = Extract<Command, { type: 'scheduleActivity' }>;
type EndedBatch = BatchPlace & { readonly end: BatchEnd };

/**
 * The activity that keeps outside of the run what a batch's items gave, so that the run holds a reference for each batch
 * however much that is. Null where it is little, or is not asked for any more.
 */
export const keepResults = (plan: Plan, state: RunState, ended: EndedBatch): ScheduleActivity | null => {
  const { path, ordinal, number, end } = ended;
  const { results, placed = [], size, stopped, escaped, closing } = end;
  if (size <= mostInRun || results.length === 0 || stopped || escaped || closing) return null;
  const from = beginOf(plan, ended);
  return {
    type: 'scheduleActivity',
    path,
    ordinal,
    activityId: `${path}!results`,
    title: `Results of: ${plan.steps[placeOf(path).stepId]?.title ?? path}`,
    activity: evaluateActivity,
    options: { ...evaluationOptions, scheduleToCloseTimeout: patience },
    lane: 'durable',
    input: null,
    evaluate: {
      work: { type: 'compose', field: `results of batch ${number}` },
      scope: { value: results },
      references: placed.map(({ path: [index, ...rest], ...each }) => ({
        ...each,
        path: ['value', String(Number(index) - from), ...rest],
      })),
      now: state.startedAt,
      seed: seedFor(state.seed, path),
      inline: 0,
    },
    connectionId: null,
    generation: 1,
  };
};

/** How the batch ended, with its results by reference. */
export const withKeptResults = (plan: Plan, { end, ...batch }: EndedBatch, large: LargeValue): EndedBatch => {
  const placed = [{ ...placedAt([String(beginOf(plan, batch))], large), members: true as const }];
  return { ...batch, end: { ...end, results: [], placed, size: sizeOf([], placed) } };
};

/** Index of the batch's first item. */
const beginOf = (plan: Plan, { path, number }: BatchPlace): number => {
  const step = plan.steps[placeOf(path).stepId];
  return number * (step?.type === 'forEach' ? (step.batches?.size ?? 1) : 1);
};
