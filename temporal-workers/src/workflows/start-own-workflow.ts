import { type RunFlowInput, runFlowType, summaryOf } from '@everwave/schema/run';
import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { type ChildWorkflowHandle, ParentClosePolicy, startChild, type Workflow } from '@temporalio/workflow';
import { shownAttributes } from './reports.ts';

/**
 * Starts a run's own workflow from within another one, which it outlives: the start is part of that one's history, so a
 * worker's death neither loses nor doubles it, and the workflow id refuses a second one. Null when it was there already.
 */
export const startOwnWorkflow = async (
  input: RunFlowInput,
  origin: string,
): Promise<ChildWorkflowHandle<Workflow> | null> => {
  const { orgId, runId, plan, run, snapshot, fork } = input;
  try {
    return await startChild(runFlowType, {
      args: [input],
      workflowId: `t/${orgId}/r/${runId}`,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      parentClosePolicy: ParentClosePolicy.ABANDON,
      typedSearchAttributes: [
        ...keywordsOf(input),
        ...(fork ? [{ key: keyword('EverwaveForkOf'), value: fork.originRunId }] : []),
        ...(snapshot ? shownAttributes(plan, snapshot) : []),
      ],
      staticSummary: summaryOf(`${plan.title} · v${plan.flowVersion}`),
      staticDetails: `[Open this run in Everwave](${run.url})\n\n${origin}`,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
};

/** What any workflow of a run is found by. */
export const keywordsOf = ({ orgId, plan, trigger }: RunFlowInput): SearchAttributePair[] => [
  { key: keyword('EverwaveOrg'), value: orgId },
  { key: keyword('EverwaveFlow'), value: plan.flowId },
  { key: flowVersionKey, value: plan.flowVersion },
  { key: keyword('EverwaveTrigger'), value: trigger.kind },
];

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const flowVersionKey = defineSearchAttributeKey('EverwaveFlowVersion', SearchAttributeType.INT);
