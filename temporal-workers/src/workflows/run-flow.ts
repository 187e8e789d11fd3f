import { advance, checkRepair, type Command, createState, type RunState } from '@everwave/schema/interpreter';
import type { RunFlowInput, RunFlowResult } from '@everwave/schema/run';
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  workflowInfo,
} from '@temporalio/workflow';
import { createActivityRunner } from './activity-runner.ts';
import { type Arrival, type Happening, inOrder, type RepairArrival } from './arrival.ts';
import { refusal } from './messages.ts';
import { isUnsealed, type ScheduleActivity } from './outcome.ts';
import { openRepairDesk } from './repair-desk.ts';
import { createStatusReporter, projection, toReference } from './reports.ts';
import { toStarted } from './started.ts';
import { createTimerRunner } from './timer-runner.ts';

/** Events after which a run goes on in a new history. */
const historyLimit = 2_000;

type CloseRun = Extract<Command, { type: 'closeRun' }>;

/**
 * Executes one flow once: a thin shell around the kernel, which holds all semantics. It performs the kernel's commands
 * in order and feeds back what came of them, one event at a time.
 */
export async function runFlow(input: RunFlowInput): Promise<RunFlowResult> {
  refuseForeignInput(input);
  const arrivals: Arrival[] = [];
  const deliver = (arrival: Arrival) => void arrivals.push(arrival);

  const { plan, carried } = input;
  let state: RunState = input.snapshot ?? createState(plan);
  let closing: CloseRun | undefined;
  let draining = false;
  let cancelRequested = false;
  const held: ScheduleActivity[] = [];

  const desk = openRepairDesk({ plan, answered: carried?.repairs ?? [], state: () => state, deliver });
  CancellationScope.current().cancelRequested.catch(() => {
    cancelRequested = true;
    deliver({ type: 'cancelRequested' });
  });
  const activities = createActivityRunner(input, deliver);
  const timers = createTimerRunner(deliver);
  const reportStatus = createStatusReporter(input, state);
  const reference = toReference(input);

  const perform = (command: Command): void => {
    switch (command.type) {
      case 'scheduleActivity':
        return draining ? void held.push(command) : activities.schedule(command);
      case 'cancelActivity': {
        const index = held.findIndex(({ path, ordinal }) => path === command.path && ordinal === command.ordinal);
        if (index === -1) return activities.cancel(command);
        held.splice(index, 1);
        return deliver({ type: 'stepCancelled', path: command.path, ordinal: command.ordinal });
      }
      case 'startTimer':
        return timers.start(command);
      case 'cancelTimer':
        return timers.cancel(command.timerId);
      case 'reportStep':
        return projection.step(reference, command.transition);
      case 'reportRun':
        return projection.run(reference, command.transition);
      case 'closeRun':
        closing = command;
    }
  };

  const apply = async (happening: Happening): Promise<void> => {
    const advanced = await advance(plan, state, { ...happening, at: Date.now() });
    state = advanced.state;
    advanced.commands.forEach(perform);
  };

  const applyRepair = async ({ repair, by, resolve, reject }: RepairArrival): Promise<void> => {
    // What came with the same workflow task may have settled the step since the validator looked.
    const verdict = checkRepair(plan, state, repair);
    if (!verdict.ok) return reject(refusal(verdict.code, verdict.message));
    const at = Date.now();
    projection.repair(reference, repair, by, at);
    const advanced = await advance(plan, state, { type: 'repaired', repair, by, at });
    state = advanced.state;
    advanced.commands.forEach(perform);
    resolve({ status: state.status });
  };

  const mayContinue = () => draining && !closing && activities.inFlight() === 0 && allHandlersFinished();

  const run = async (): Promise<void> => {
    if (carried) {
      for (const [timerId, timer] of Object.entries(state.timers)) timers.start({ timerId, ...timer });
      carried.commands.forEach(perform);
      reportStatus(state);
    } else {
      deliver(toStarted(input));
    }
    while (!closing) {
      await condition(() => arrivals.length > 0 || mayContinue());
      if (arrivals.length === 0) await continueAsNew<typeof runFlow>(nextPart());
      for (const arrival of inOrder(arrivals.splice(0))) {
        if (arrival.type === 'repair') await applyRepair(arrival);
        else await apply(arrival);
      }
      reportStatus(state);
      const { historyLength, continueAsNewSuggested } = workflowInfo();
      draining ||= continueAsNewSuggested || historyLength >= (input.historyLimit ?? historyLimit);
    }
    desk.close();
    for (const arrival of arrivals.splice(0)) {
      if (arrival.type === 'repair') arrival.reject(refusal('run_not_open', 'This run has ended.'));
    }
    await condition(allHandlersFinished);
  };

  const nextPart = (): RunFlowInput => ({
    ...input,
    snapshot: state,
    carried: { commands: held, repairs: desk.answered() },
  });

  await CancellationScope.nonCancellable(run);
  if (!closing) throw new Error('The run left its loop without a result.');
  if (closing.status === 'cancelled' && !cancelRequested) {
    // The client that cancels by update asks Temporal too; only then does Temporal close the workflow as cancelled.
    await CancellationScope.nonCancellable(() => condition(() => cancelRequested, '10s'));
  }
  return finish(closing);
}

/** Whoever reaches Temporal's port can start workflows; only our api has the org's key. */
const refuseForeignInput = (input: RunFlowInput): void => {
  if (isUnsealed(input)) {
    throw refusal('unsealed', "This run's input is not encrypted with the org's key: only the api starts runs.");
  }
  if (workflowInfo().workflowId !== `t/${input.orgId}/r/${input.runId}`) {
    throw refusal('foreign_input', "This run's input belongs to another run.");
  }
  if (input.engineVersion !== 1) {
    throw refusal(
      'unknown_engine',
      `This run needs engine version ${String(input.engineVersion)}, which this worker does not have. Deploy a worker that has it.`,
    );
  }
};

const finish = ({ status, output, failure }: CloseRun): RunFlowResult => {
  switch (status) {
    case 'succeeded':
      return { status, ...(output === undefined ? {} : { output }) };
    case 'cancelled':
      throw new CancelledFailure('The run was cancelled.');
    case 'failed':
      throw ApplicationFailure.create({
        message: failure?.message ?? 'The run failed.',
        type: failure?.name ?? 'failed',
        nonRetryable: true,
        details: failure ? [failure] : [],
      });
  }
};
