import { hostLimits, type RunFlowInput } from '@everwave/schema/run';
import { workflowInfo } from '@temporalio/workflow';
import { startOwnWorkflow } from './start-own-workflow.ts';

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
  const handle = await startOwnWorkflow(input, `It began in the host \`${workflowInfo().workflowId}\`.`);
  return handle?.firstExecutionRunId ?? null;
};
