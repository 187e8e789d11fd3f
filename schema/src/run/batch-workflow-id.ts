import type { BatchPlace } from '../interpreter/state.ts';

/** The Temporal workflow id of a batch of a loop's items: the run's own, and where the batch is in it. */
export const batchWorkflowIdOf = (orgId: string, runId: string, { path, ordinal, number }: BatchPlace): string =>
  `t/${orgId}/r/${runId}/b/${path}~${ordinal}/${number}`;
