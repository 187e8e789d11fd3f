import { workflowIdOf } from '@everwave/schema/ids';
import { type RunFlowInput, runFlowType, summaryOf } from '@everwave/schema/run';
import type { Client } from '@temporalio/client';
import { toStartAttributes } from './search-attributes.ts';
import { type StartedRun, startOnce } from './start-once.ts';

/** Starts a run's workflow, once; see `startOnce`. */
export const startRun = (client: Client, input: RunFlowInput): Promise<StartedRun> => {
  const { orgId, plan, trigger, run, fork } = input;
  return startOnce(client, {
    orgId,
    type: runFlowType,
    workflowId: workflowIdOf(orgId, input.runId),
    input,
    typedSearchAttributes: toStartAttributes({
      orgId,
      flowId: plan.flowId,
      flowVersion: plan.flowVersion,
      triggerKind: trigger.kind,
      forkOfRunId: fork?.originRunId ?? null,
    }),
    staticSummary: summaryOf(`${plan.title} · v${plan.flowVersion}`),
    staticDetails: `[Open this run in Everwave](${run.url})\n\nStarted by \`${trigger.kind}\`.`,
    tooLarge: 'What started the run, together with its flow, is larger than the 2 MiB that Temporal takes.',
  });
};
