import {
  advance,
  type Advanced,
  checkRepair,
  type Command,
  checkSupersede,
  createState,
  migrateState,
  type RunState,
} from '@everwave/schema/interpreter';
import type { RunFlowInput, RunFlowResult } from '@everwave/schema/run';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  log,
  workflowInfo,
} from '@temporalio/workflow';
import { createActivityRunner } from './activity-runner.ts';
import type { ReportBatch, StartBatch, StopBatch } from './batch-commands.ts';
import { isSameBatch, neverBegan, toBatchPlace } from './batch-messages.ts';
import { createBatchRunner, tellEnd } from './batch-runner.ts';
import { keepBatchResults } from './keep-batch-results.ts';
import { type Arrival, type Happening, inOrder, type RepairArrival, type WaitArrival } from './arrival.ts';
import { type MigrateArrival, openChangeDesk, type SupersedeArrival, toMigrationRefusal } from './change-desk.ts';
import { type ExpressArrival, createExpressRunner } from './express-runner.ts';
import { toBegun } from './begun-run.ts';
import { type StartChild, toChildInput } from './child-input.ts';
import { createChildRunner } from './child-runner.ts';
import { beginFork } from './fork-start.ts';
import { refusal } from './messages.ts';
import type { ScheduleActivity } from './outcome.ts';
import { toNextPart } from './next-part.ts';
import { nextTask } from './next-task.ts';
import { createPartLimits } from './part-limits.ts';
import { openRepairDesk } from './repair-desk.ts';
import { toRepairRefusal } from './repair-refusal.ts';
import { finish, refuseForeignInput } from './run-boundaries.ts';
import { createReporter, createStatusReporter, showVersion, toReference } from './reports.ts';
import { toStarted } from './started.ts';
import { costOf, createTaskBudget } from './task-budget.ts';
import { tellParent } from './tell-parent.ts';
import { createTimerRunner } from './timer-runner.ts';
import { createUnconfirmed } from './unconfirmed.ts';
import { openWaitDesk } from './wait-desk.ts';
import { admit, replyTo } from './wait-messages.ts';

type CloseRun = Extract<Command, { type: 'closeRun' }>;
type CancelActivity = Extract<Command, { type: 'cancelActivity' }>;
type CancelChild = Extract<Command, { type: 'cancelChild' }>;

/**
 * Executes one flow once: a thin shell around the kernel, which holds all semantics. It performs the kernel's commands
 * in order and feeds back what came of them, one event at a time.
 */
export async function runFlow(given: RunFlowInput): Promise<RunFlowResult> {
  refuseForeignInput(given);
  // With the plan that the run has now: a migration changes it.
  const input = { ...given };
  const arrivals: Arrival[] = [];
  const deliver = (arrival: Arrival) => void arrivals.push(arrival);

  const { carried } = input;
  let state: RunState = input.snapshot ?? createState(input.plan);
  let closing: CloseRun | undefined;
  let draining = false;
  /** The time of the last event, Unix ms. */
  let clock = 0;
  const budget = createTaskBudget(() => workflowInfo().historyLength);
  let cancelRequested = false;
  const held: (ScheduleActivity | StartChild | StartBatch)[] = [];

  const desk = openRepairDesk({ input, answered: carried?.repairs ?? [], state: () => state, deliver });
  const waitDesk = openWaitDesk({ input, state: () => state, deliver });
  openChangeDesk({ input, state: () => state, deliver });
  CancellationScope.current().cancelRequested.catch(() => {
    cancelRequested = true;
    deliver({ type: 'cancelRequested' });
  });
  const activities = createActivityRunner(input, deliver);
  const unconfirmed = createUnconfirmed();
  const children = createChildRunner(input, deliver, unconfirmed);
  const batches = createBatchRunner(input, deliver, unconfirmed);
  const express = createExpressRunner<RunFlowInput>(deliver);
  const timers = createTimerRunner(deliver);
  const reportStatus = createStatusReporter(input, state);
  const reference = toReference(input);
  const reports = createReporter();

  const cancelActivity = ({ path, ordinal }: CancelActivity): void => {
    const inLane = express.cancel(input, { path, ordinal });
    if (inLane === 'asked') return;
    const wasHeld = takeBack({ path, ordinal });
    if (inLane === 'unknown' && !wasHeld) return activities.cancel({ path, ordinal });
    deliver({ type: 'stepCancelled', path, ordinal });
  };

  const takeBack = ({ path, ordinal }: { readonly path: string; readonly ordinal: number }): boolean => {
    const index = held.findIndex(
      (command) => command.type !== 'startBatch' && command.path === path && command.ordinal === ordinal,
    );
    return index !== -1 && held.splice(index, 1).length > 0;
  };

  const startChild = (command: StartChild): void => {
    if (draining) return void held.push(command);
    reportBegun(toChildInput(input, command, clock));
    children.start(command, clock);
  };

  const cancelChild = ({ path, ordinal, childRunId }: CancelChild): void => {
    if (!takeBack({ path, ordinal })) return children.cancel(childRunId);
    deliver({ type: 'childEnded', path, ordinal, end: { status: 'cancelled' } });
  };

  const startBatch = (command: StartBatch): void => {
    if (draining) return void held.push(command);
    batches.start(command, state);
  };

  const stopBatch = (command: StopBatch): void => {
    const index = held.findIndex((each) => each.type === 'startBatch' && isSameBatch(each, command));
    if (index === -1) return batches.stop(command);
    held.splice(index, 1);
    deliver({ type: 'batchEnded', ...toBatchPlace(command), end: neverBegan });
  };

  /** A run that is gone wants nothing of it any more. */
  const reportBatch = (command: ReportBatch): void => {
    batches.report(command).catch(() => deliver({ type: 'cancelRequested' }));
  };

  /** Said by the parent and by the run itself: one of the two is enough. */
  const reportBegun = (begun: RunFlowInput): void => {
    const row = toBegun(begun);
    if (row) reports.add({ kind: 'started', run: toReference(begun), begun: row, at: clock });
  };

  const perform = (command: Command): void => {
    switch (command.type) {
      case 'scheduleActivity':
        if (draining) return void held.push(command);
        return command.lane === 'express' ? express.schedule(input, command, clock) : activities.schedule(command);
      case 'cancelActivity':
        return cancelActivity(command);
      case 'startChild':
        return startChild(command);
      case 'cancelChild':
        return cancelChild(command);
      case 'startBatch':
        return startBatch(command);
      case 'stopBatch':
        return stopBatch(command);
      case 'reportBatch':
        return reportBatch(command);
      case 'startTimer':
        return timers.start(command);
      case 'cancelTimer':
        return timers.cancel(command.timerId);
      case 'reportStep':
        return reports.add({ kind: 'step', run: reference, transition: command.transition });
      case 'reportRun':
        return reports.add({ kind: 'run', run: reference, transition: command.transition });
      case 'closeRun':
        closing = command;
    }
  };

  const take = (advanced: Advanced): void => {
    state = advanced.state;
    budget.spend(advanced.cost);
    advanced.commands.forEach(perform);
  };

  /**
   * The time of what comes now. While an express step is under way, a replay shows another time than the workflow had:
   * then it is that of the last event.
   */
  const now = (): number => {
    clock = Math.max(clock, express.isBusy() ? clock : Date.now());
    return clock;
  };

  const apply = async (happening: Happening, at: number): Promise<void> => {
    take(await advance(input.plan, state, { ...happening, at }));
  };

  const applyExpress = ({ step, outcome }: ExpressArrival<RunFlowInput>): Promise<void> => {
    clock = Math.max(clock, outcome.at);
    express.end(step, clock);
    budget.spend(costOf(outcome.happening));
    return apply(outcome.happening, clock);
  };

  const applyRepair = async ({ repair, by, resolve, reject }: RepairArrival): Promise<void> => {
    // What came with the same workflow task may have settled the step since the validator looked.
    const verdict = checkRepair(input.plan, state, repair);
    if (!verdict.ok) return reject(toRepairRefusal(input, verdict));
    const at = now();
    reports.add({ kind: 'repair', run: reference, repair, by, at });
    take(await advance(input.plan, state, { type: 'repaired', repair, by, at }));
    resolve({ status: state.status });
  };

  const applyMessage = async ({ message, resolve, reject }: WaitArrival): Promise<void> => {
    const admitted = admit(input, state, message);
    if (!admitted.ok) return reject(admitted.refusal);
    const at = now();
    if (message.type === 'answer') {
      reports.add({ kind: 'answer', run: reference, answer: message.answer, by: message.by, at });
    }
    take(await advance(input.plan, state, admitted.toEvent(at)));
    resolve(replyTo(message, state));
  };

  const applySupersede = async ({ request, resolve, reject }: SupersedeArrival): Promise<void> => {
    const verdict = checkSupersede(state, request.seq);
    if (!verdict.ok) return reject(refusal(verdict.code, verdict.message));
    take(await advance(input.plan, state, { type: 'superseded', by: request.byRunId, at: now() }));
    resolve({ status: state.status });
  };

  const applyMigration = async ({ request, resolve, reject }: MigrateArrival): Promise<void> => {
    const at = now();
    const { plan, planHash, by } = request;
    const migrated = migrateState(input.plan, plan, state, at);
    if (!migrated.ok) return reject(toMigrationRefusal(migrated.problems));
    Object.assign(input, { plan, planHash });
    const { flowVersion } = plan;
    reports.add({ kind: 'migrated', run: reference, version: { flowVersion, planHash }, by, at });
    showVersion(flowVersion);
    take({ ...migrated, cost: { steps: 0, bytes: 0 } });
    await apply({ type: 'resumed' }, at);
    resolve({ status: state.status, flowVersion });
  };

  const applyArrival = async (arrival: Arrival): Promise<void> => {
    if (arrival.type === 'repair') await applyRepair(arrival);
    else if (arrival.type === 'message') await applyMessage(arrival);
    else if (arrival.type === 'supersede') await applySupersede(arrival);
    else if (arrival.type === 'migrate') await applyMigration(arrival);
    else if (arrival.type === 'express') await applyExpress(arrival);
    else await apply(arrival, now());
    // After each arrival, not after each batch: a replay may bring in one batch what came in several.
    express.settle(arrival);
    reportStatus(state);
    if (!closing) draining = limits.isDraining(lengthNow());
  };

  const mayContinue = () =>
    draining &&
    !closing &&
    activities.inFlight() + unconfirmed.count() === 0 &&
    !express.isBusy() &&
    allHandlersFinished();

  const run = async (): Promise<void> => {
    if (carried) {
      now();
      goOnFrom(carried.commands);
      express.settle({ type: 'carried' });
      reportStatus(state);
    } else if (input.fork) {
      await takeOver();
    } else if (input.batch) {
      now();
      goOnFrom(input.batch.commands ?? []);
      deliver({ type: 'resumed' });
    } else {
      now();
      reportBegun(input);
      deliver(toStarted(input));
    }
    while (!closing) {
      reports.send();
      await condition(() => arrivals.length > 0 || mayContinue());
      if (arrivals.length === 0) await goOn();
      await applyArrivals();
    }
    reports.send();
    desk.close();
    waitDesk.close();
    for (const arrival of arrivals.splice(0)) {
      if ('reject' in arrival) arrival.reject(refusal('run_not_open', 'This run has ended.'));
    }
    await condition(allHandlersFinished);
    if (closing?.batch)
      await tellEnd(input, await keepBatchResults(input, state, closing.batch)).catch(() => undefined);
    else if (closing) await tellParent(input, closing);
  };

  /** Begins where another run is to be started again. */
  const takeOver = async (): Promise<void> => {
    const { forked, first } = await beginFork(input, now());
    reportBegun(input);
    if (forked) {
      state = forked.state;
      for (const transition of forked.kept) reports.add({ kind: 'step', run: reference, transition });
      goOnFrom(forked.commands ?? []);
    }
    deliver(first);
  };

  /** A state that this history did not bring about: its timers, and what it waits for. */
  const goOnFrom = (commands: readonly Command[]): void => {
    for (const [timerId, timer] of Object.entries(state.timers)) timers.start({ timerId, ...timer });
    commands.forEach(perform);
  };

  /** Applies what has arrived, in as many workflow tasks as it needs. */
  const applyArrivals = async (): Promise<void> => {
    let batch = inOrder(arrivals.splice(0));
    while (batch.length > 0 && !closing) {
      if (budget.isSpent()) {
        reports.send();
        await nextTask();
        batch = inOrder([...batch, ...arrivals.splice(0)]);
      }
      const next = batch.shift();
      if (next) await applyArrival(next);
    }
    arrivals.push(...batch);
  };

  const lengthNow = () => {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return { historyLength, isSuggested: continueAsNewSuggested };
  };

  /** In a new history, or, when the run has grown too large meanwhile, in this one. */
  const goOn = async (): Promise<void> => {
    if (limits.maySwitch()) await continueAsNew<typeof runFlow>(nextPart());
    draining = false;
    held.splice(0).forEach(perform);
    express.settle({ type: 'carried' });
  };

  const nextPart = () => toNextPart(input, { snapshot: state, carried: { commands: held, repairs: desk.answered() } });

  const limits = createPartLimits(input, nextPart);

  // The request's id finds the same run in the logs of the api, of this workflow and of its activities.
  const about = { orgId: input.orgId, runId: input.runId, requestId: input.run.requestId };
  log.info(input.carried ? 'run goes on' : 'run begins', about);
  await CancellationScope.nonCancellable(run);
  if (!closing) throw new Error('The run left its loop without a result.');
  log.info('run ends', { ...about, status: closing.status });
  if (input.batch && !cancelRequested) return { status: closing.status };
  if (closing.status === 'cancelled' && !cancelRequested) {
    // The client that cancels by update asks Temporal too; only then does Temporal close the workflow as cancelled.
    await CancellationScope.nonCancellable(() => condition(() => cancelRequested, '10s'));
  }
  return finish(closing);
}
