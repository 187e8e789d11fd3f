import { hostLimits, type RunFlowInput, runFlowType, summaryOf } from '@everwave/schema/run';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { shownAttributes } from './reports.ts';

export interface Ejector {
  /** Starts the run's own workflow as soon as there is room in a message to Temporal. */
  eject(input: RunFlowInput): void;
}

/** `temporalRunId`: null when the workflow was there already. */
type Ejected = (runId: string, temporalRunId: string | null) => void;

/**
 * Starts workflows of their own for runs that leave their host. As children that outlive it: the start is part of the
 * host's history, so a worker's death neither loses nor doubles it, and the workflow id refuses a second one.
 */
export const createEjector = (ejected: Ejected): Ejector => {
  const waiting: RunFlowInput[] = [];
  let underWay = 0;

  const pump = (): void => {
    const [next] = waiting;
    if (!next) return;
    const size = JSON.stringify(next).length;
    if (underWay > 0 && underWay + size > hostLimits.ejections) return;
    waiting.shift();
    underWay += size;
    void start(next).then((temporalRunId) => {
      underWay -= size;
      ejected(next.runId, temporalRunId);
      pump();
    });
    pump();
  };

  return {
    eject: (input) => {
      waiting.push(input);
      pump();
    },
  };
};

const start = async (input: RunFlowInput): Promise<string | null> => {
  const { orgId, runId, plan, trigger, run, snapshot } = input;
  try {
    const handle = await startChild(runFlowType, {
      args: [input],
      workflowId: `t/${orgId}/r/${runId}`,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      parentClosePolicy: ParentClosePolicy.ABANDON,
      typedSearchAttributes: [
        { key: keyword('EverwaveOrg'), value: orgId },
        { key: keyword('EverwaveFlow'), value: plan.flowId },
        { key: flowVersionKey, value: plan.flowVersion },
        { key: keyword('EverwaveTrigger'), value: trigger.kind },
        ...(snapshot ? shownAttributes(plan, snapshot) : []),
      ],
      staticSummary: summaryOf(`${plan.title} · v${plan.flowVersion}`),
      staticDetails: `[Open this run in Everwave](${run.url})\n\nIt began in the host \`${workflowInfo().workflowId}\`.`,
    });
    return handle.firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
};

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const flowVersionKey = defineSearchAttributeKey('EverwaveFlowVersion', SearchAttributeType.INT);
