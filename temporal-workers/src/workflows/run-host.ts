import {
  type EjectReply,
  type EjectRequest,
  ejectUpdate,
  type RunHostInput,
  type RunHostResult,
} from '@everwave/schema/run';
import {
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  defineUpdate,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { createEjector } from './eject-run.ts';
import { createExpressRunner } from './express-runner.ts';
import { createHost, type Host } from './host.ts';
import { type HostArrival, inHostOrder } from './host-arrival.ts';
import { type HostRun, toOwnInput } from './host-run.ts';
import { refusal } from './messages.ts';
import { nextTask } from './next-task.ts';
import { isUnsealed } from './outcome.ts';
import { createReporter, toReference } from './reports.ts';
import { createTaskBudget } from './task-budget.ts';

const ejectMessage = defineUpdate<EjectReply, [EjectRequest]>(ejectUpdate);

/**
 * Advances many short express runs in one workflow: starting and closing a workflow is most of what a short run costs.
 * A thin shell around `createHost`, as `runFlow` is around the kernel.
 */
export async function runHost(input: RunHostInput): Promise<RunHostResult> {
  refuseForeignHost(input);
  const { workflowId, runId: temporalRunId } = workflowInfo();
  const arrivals: HostArrival[] = [];
  const deliver = (arrival: HostArrival) => void arrivals.push(arrival);
  const budget = createTaskBudget(() => workflowInfo().historyLength);
  const express = createExpressRunner<HostRun>(deliver);
  const reports = createReporter();
  const ejector = createEjector((runId, ownRunId) => {
    const run = host.find(runId);
    if (run && ownRunId) {
      reports.add({ kind: 'ejected', run: toReference(run), temporalRunId: ownRunId, at: Date.now() });
    }
    deliver({ type: 'ejected', runId });
  });
  const host: Host = createHost(input, {
    express,
    report: (run, report) =>
      reports.add(
        report.type === 'reportStep'
          ? { kind: 'step', run: toReference(run), transition: report.transition }
          : { kind: 'run', run: toReference(run), transition: report.transition },
      ),
    eject: (run) => ejector.eject(toOwnInput(run, { workflowId, temporalRunId })),
    deliver,
    spend: (cost) => budget.spend(cost),
    time: () => Date.now(),
  });

  setHandler(ejectMessage, ({ runId }) => new Promise((resolve) => deliver({ type: 'ejectAsked', runId, resolve })), {
    validator: (request) => {
      if (isUnsealed(request)) throw refusal('unsealed', "This message is not encrypted with the org's key.");
      if (!host.find(request.runId)) throw refusal('unknown_run', 'This host does not have the run.');
    },
  });
  let cancelRequested = false;
  CancellationScope.current().cancelRequested.catch(() => {
    cancelRequested = true;
    deliver({ type: 'cancelRequested' });
  });

  const run = async (): Promise<void> => {
    host.start();
    while (!host.isDone()) {
      reports.send();
      await condition(() => arrivals.length > 0);
      let batch = inHostOrder(arrivals.splice(0));
      while (batch.length > 0) {
        if (budget.isSpent()) {
          reports.send();
          await nextTask();
          batch = inHostOrder([...batch, ...arrivals.splice(0)]);
        }
        const next = batch.shift();
        if (!next) break;
        await host.apply(next);
        express.settle(next);
      }
    }
    for (const arrival of arrivals.splice(0)) await host.apply(arrival);
    reports.send();
    await condition(allHandlersFinished);
  };

  log.info('host begins', { orgId: input.orgId, runs: input.runs.length });
  await CancellationScope.nonCancellable(run);
  const result = host.result();
  log.info('host ends', { orgId: input.orgId, ...result });
  if (cancelRequested) throw new CancelledFailure('The host was cancelled, and its runs with it.');
  return result;
}

/** Whoever reaches Temporal's port can start workflows; only our api has the org's key. */
const refuseForeignHost = (input: RunHostInput): void => {
  if (isUnsealed(input)) {
    throw refusal('unsealed', "This host's input is not encrypted with the org's key: only the api starts hosts.");
  }
  if (workflowInfo().workflowId !== `t/${input.orgId}/h/${input.hostId}`) {
    throw refusal('foreign_input', "This host's input belongs to another host.");
  }
};
