import type { ProbeInput, ProbeResult } from '@everwave/schema/run';
import { ApplicationFailure, scheduleActivity, workflowInfo } from '@temporalio/workflow';
import { isUnsealed } from './outcome.ts';

/** Name of the activity behind `probe`. */
export const probeActivity = 'everwave.testConnection@1';

/** Tries a connection from a worker, where the egress guard stands: one attempt, ten seconds. */
export async function probe(input: ProbeInput): Promise<ProbeResult> {
  if (isUnsealed(input) || !workflowInfo().workflowId.startsWith(`t/${input.orgId}/p/`)) {
    throw ApplicationFailure.nonRetryable('Only the api tests connections.', 'unsealed');
  }
  return scheduleActivity<ProbeResult>(probeActivity, [input], {
    startToCloseTimeout: '10s',
    scheduleToCloseTimeout: '12s',
    retry: { maximumAttempts: 1 },
    summary: 'Connection test',
  });
}
