import { inBatchRefusal } from '../run/in-batch.ts';
import { isSettled } from '../run/status.ts';
import type { Plan } from '../flow/plan.ts';
import { pathOf, placeOf } from './place.ts';
import type { BatchPlace, OpenBatch, RunState } from './state.ts';

/** Batches of loops that are under way, with their places. */
export const openBatches = ({ scopes }: Pick<RunState, 'scopes'>): readonly (BatchPlace & OpenBatch)[] =>
  Object.entries(scopes).flatMap(([scope, { steps }]) =>
    Object.entries(steps).flatMap(([stepId, { status, ordinal, loop }]) =>
      !loop?.batches || isSettled(status)
        ? []
        : Object.entries(loop.batches).map(([number, batch]) => ({
            path: pathOf({ scope, stepId }),
            ordinal,
            number: Number(number),
            ...batch,
          })),
    ),
  );

/** The batch under way in which a step stands; null when it stands in the run itself, or nowhere. */
export const batchOf = (plan: Plan, state: Pick<RunState, 'scopes'>, path: string): BatchPlace | null => {
  for (const { path: loop, ordinal, number } of openBatches(state)) {
    const [, index] = path.startsWith(`${loop}[`) ? (/^\[(\d+)\]/.exec(path.slice(loop.length)) ?? []) : [];
    const step = plan.steps[placeOf(loop).stepId];
    const size = step?.type === 'forEach' ? step.batches?.size : undefined;
    if (index === undefined || size === undefined) continue;
    if (Math.floor(Number(index) / size) === number) return { path: loop, ordinal, number };
  }
  return null;
};

/** A refusal that says where the step is. */
export const inBatch = (batch: BatchPlace, path: string) => {
  const message = `The step "${path}" stands in batch ${batch.number} of the loop "${batch.path}", which has a workflow of its own.`;
  return { ok: false, code: inBatchRefusal, message, batch } as const;
};
