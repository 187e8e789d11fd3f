import { createEvaluateActivity } from '@everwave/activities/worker';
import { type KeepResults, keepResults, withKeptResults } from '@everwave/schema/interpreter';
import type { ReconcileOptions } from '../reconciler/reconcile.ts';
import { createValueStore } from '../stores/value-store.ts';

interface Tools extends Pick<ReconcileOptions, 'db' | 'ring'> {
  readonly beat: () => void;
}

/** Keeps outside of a fork what the batches that stand have given, as their own workflows do when they end. */
export const keepBatches = (
  { db, ring, beat }: Tools,
  { orgId, runId }: { readonly orgId: string; readonly runId: string },
): KeepResults => {
  const evaluate = createEvaluateActivity({ values: createValueStore(db, ring) });
  return async (plan, state, ended) => {
    beat();
    const command = keepResults(plan, state, ended);
    if (!command) return ended.end;
    const { large } = await evaluate({ orgId, runId, ...command });
    return large ? withKeptResults(plan, ended, large).end : ended.end;
  };
};
