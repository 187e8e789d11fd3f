import { createBatchState, placeOf, type RunState } from '@everwave/schema/interpreter';
import {
  batchEndedSignal,
  batchReportedSignal,
  batchWorkflowIdOf,
  runBatchType,
  type RunFlowInput,
  stopBatchSignal,
  summaryOf,
} from '@everwave/schema/run';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  defineSignal,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { Happening } from './arrival.ts';
import { areYouOpen } from './child-runner.ts';
import { lostBatch, readBatchMessage, toBatchPlace } from './batch-messages.ts';
import type { ReportBatch, StartBatch, StopBatch } from './batch-commands.ts';
import { keywordsOf } from './start-own-workflow.ts';
import type { Unconfirmed } from './unconfirmed.ts';

export interface BatchRunner {
  start(command: StartBatch, state: RunState): void;
  stop(command: StopBatch): void;
  /** Tells the run what it does not know of this batch. Rejects when that one is gone. */
  report(command: ReportBatch): Promise<void>;
}

const batchReported = defineSignal<[unknown]>(batchReportedSignal);
const batchEnded = defineSignal<[unknown]>(batchEndedSignal);
const stopBatch = defineSignal<[unknown]>(stopBatchSignal);

/** What a batch's workflow is started with: the run itself, with the loop's part of it as its state, or as that was rebuilt for a fork. */
export const toBatchInput = (run: RunFlowInput, command: StartBatch, state: RunState, toldTo: string): RunFlowInput => {
  const { engineVersion, orgId, runId, rootRunId, outermostRunId, plan, planHash, trigger, historyLimit, env } = run;
  const { restored } = command;
  return {
    engineVersion,
    orgId,
    runId,
    rootRunId,
    ...(outermostRunId && { outermostRunId }),
    plan,
    planHash,
    // The state has what it delivered.
    trigger: { ...trigger, data: null },
    run: run.run,
    // For its sub-flows.
    ...(env && { env }),
    snapshot: restored?.state ?? createBatchState(plan, state, command),
    batch: { ...toBatchPlace(command), toldTo, ...(restored && { commands: restored.commands }) },
    ...(historyLimit === undefined ? {} : { historyLimit }),
  };
};

/**
 * Starts the workflows of a loop's batches and delivers what they tell. As with sub-flows they tell it by signal, in
 * whatever history this workflow is by then; Temporal's own news counts for those that could not.
 */
export const createBatchRunner = (
  input: RunFlowInput,
  deliver: (happening: Happening) => void,
  { track }: Unconfirmed,
): BatchRunner => {
  const starts = new Map<string, Promise<unknown>>();

  for (const signal of [batchReported, batchEnded, stopBatch]) {
    setHandler(signal, (message) => {
      const happening = readBatchMessage(signal.name, message);
      if (happening) deliver(happening);
    });
  }

  const begin = async (workflowId: string, command: StartBatch, batch: RunFlowInput): Promise<void> => {
    const starting = track(start(workflowId, command, batch));
    starts.set(workflowId, starting);
    const handle = await starting;
    starts.delete(workflowId);
    try {
      // It was there already, after a reset: while it is open it will tell how it ends.
      await (handle ? handle.result() : track(getExternalWorkflowHandle(workflowId).signal(areYouOpen)));
    } catch {
      // One that ended in good order has told so before, and is not waited for any more.
      deliver({ type: 'batchEnded', ...toBatchPlace(command), end: lostBatch });
    }
  };

  return {
    start: (command, state) => {
      const workflowId = batchWorkflowIdOf(input.orgId, input.runId, command);
      void begin(workflowId, command, toBatchInput(input, command, state, workflowInfo().workflowId));
    },
    stop: (command) => {
      const workflowId = batchWorkflowIdOf(input.orgId, input.runId, command);
      const { evenFinally, closing } = command;
      const ask = async () => {
        await starts.get(workflowId);
        await getExternalWorkflowHandle(workflowId).signal(stopBatch, { evenFinally, closing });
      };
      // One that has ended meanwhile has said so.
      track(ask()).catch(() => undefined);
    },
    report: (command) => track(tell(input, batchReported, { ...toBatchPlace(command), report: command.report })),
  };
};

const start = async (workflowId: string, { number }: StartBatch, input: RunFlowInput) => {
  const { plan, run, batch } = input;
  const loop = batch && plan.steps[placeOf(batch.path).stepId];
  const title = `${loop?.title ?? plan.title} · ${number + 1}`;
  try {
    return await startChild(runBatchType, {
      args: [input],
      workflowId,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      parentClosePolicy: ParentClosePolicy.ABANDON,
      typedSearchAttributes: keywordsOf(input),
      staticSummary: summaryOf(title),
      staticDetails: `[Open this run in Everwave](${run.url})\n\nItems of the loop \`${batch?.path ?? ''}\`.`,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
};

/** How this batch ended, said to the workflow that started it. Rejects when that one is gone. */
export const tellEnd = (input: RunFlowInput, end: unknown): Promise<void> => tell(input, batchEnded, end);

const tell = async ({ batch }: RunFlowInput, signal: typeof batchEnded, message: unknown): Promise<void> => {
  if (batch) await getExternalWorkflowHandle(batch.toldTo).signal(signal, message);
};
