import { hostWorkflowIdOf } from '@everwave/schema/ids';
import { type RunHostInput, runHostType, summaryOf } from '@everwave/schema/run';
import type { Client } from '@temporalio/client';
import { toStartAttributes } from './search-attributes.ts';
import { type StartedRun, startOnce } from './start-once.ts';

/** Starts a host, once for its id; see `startOnce`. */
export const startHost = (client: Client, input: RunHostInput): Promise<StartedRun> => {
  const { orgId, plan, runs } = input;
  return startOnce(client, {
    orgId,
    type: runHostType,
    workflowId: hostWorkflowIdOf(orgId, input.hostId),
    input,
    typedSearchAttributes: toStartAttributes({
      orgId,
      flowId: plan.flowId,
      flowVersion: plan.flowVersion,
      triggerKind: runs[0]?.trigger.kind ?? '',
    }),
    staticSummary: summaryOf(`${plan.title} · v${plan.flowVersion} · ${runs.length} runs`),
    staticDetails: runs.map(({ runId, run }) => `- [${runId}](${run.url})`).join('\n'),
    tooLarge: 'The runs of a host are together larger than Temporal takes.',
  });
};
