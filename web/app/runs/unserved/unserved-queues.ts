import type { Run } from '@everwave/schema/api';
import type { NodeManifest } from '@everwave/schema/node';
import { isClosed, taskQueues } from '@everwave/schema/run';

/** A queue that no worker serves, and the steps of a run that wait there. */
export interface UnservedQueue {
  readonly queue: string;
  readonly titles: readonly string[];
}

const queueOf = (kind: string, manifests: readonly NodeManifest[]): string | null => {
  const activity = manifests.find((manifest) => manifest.kind === kind)?.activity;
  return activity ? (activity.taskQueue ?? taskQueues.flow) : null;
};

/**
 * The queues on which a run waits in vain. The run itself needs `flow`; of the others those matter on which one of its
 * steps is to be executed now.
 */
export const unservedBy = (
  run: Pick<Run, 'status' | 'steps'>,
  manifests: readonly NodeManifest[],
  unserved: readonly string[],
): readonly UnservedQueue[] => {
  if (isClosed(run.status)) return [];
  const due = run.steps.filter(({ status }) => status === 'running' || status === 'retrying');
  return unserved.flatMap((queue) => {
    const titles = new Set(due.filter(({ kind }) => queueOf(kind, manifests) === queue).map(({ title }) => title));
    return titles.size > 0 || queue === taskQueues.flow ? [{ queue, titles: [...titles] }] : [];
  });
};
