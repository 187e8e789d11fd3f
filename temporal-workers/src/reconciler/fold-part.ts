import {
  advance,
  checkRepair,
  checkSupersede,
  type Command,
  createState,
  migrateState,
  type RunState,
} from '@everwave/schema/interpreter';
import { evaluateActivity, type RepairReply, type RunFlowInput } from '@everwave/schema/run';
import { CancelledFailure } from '@temporalio/common';
import type { Entry, RunReference } from '../projection/entry.ts';
import { isDroppedOnCancel } from '../workflows/activity-runner.ts';
import { type Happening, inOrder } from '../workflows/arrival.ts';
import { createExpressLane, type Express } from '../workflows/express-lane.ts';
import type { StartBatch, StopBatch } from '../workflows/batch-commands.ts';
import { isSameBatch, neverBegan, toBatchPlace } from '../workflows/batch-messages.ts';
import { toBegun } from '../workflows/begun-run.ts';
import { type StartChild, toChildInput } from '../workflows/child-input.ts';
import { type ForkBeginning, forkActivityId, toBeginning, toRefusedBeginning } from '../workflows/fork-start.ts';
import { isUnsealed, type ScheduleActivity, toFailureEvent, toSuccess } from '../workflows/outcome.ts';
import { toNextPart } from '../workflows/next-part.ts';
import type { RunVersion } from '../workflows/reports.ts';
import { toStarted } from '../workflows/started.ts';
import { createPartLimits } from '../workflows/part-limits.ts';
import { costOf, createTaskBudget } from '../workflows/task-budget.ts';
import { admit } from '../workflows/wait-messages.ts';
import { type HistoryDecoder, type HistoryEvent, idOf, timeOf } from './decode-history.ts';
import type { HistoryPart } from './fetch-chain.ts';
import { acceptedUpdates, type FoldArrival, toActivityFailure, toEnding } from './read-events.ts';
import { createFoldedBatches, type StartedBatch } from './read-batches.ts';
import { createFoldedChildren } from './read-children.ts';
import { endedSteps, type Marker } from './read-markers.ts';

export interface FoldedPart {
  /** Null when the run never began: its input was refused. */
  readonly state: RunState | null;
  readonly run: RunReference | null;
  /** Everything the workflow reported while it ran, in the same order. */
  readonly entries: readonly Entry[];
  /** Activities that have not ended, by activity id. */
  readonly pending: ReadonlyMap<string, ScheduleActivity>;
  /** Under which version the run goes on. */
  readonly version?: RunVersion;
  /** Batches of loops that were started. */
  readonly batches: readonly StartedBatch[];
  /** Set when this is the history of a batch: the run's own says how the run ended. */
  readonly isBatch?: true;
  /** The step that this run is a sub-flow of. */
  readonly parent?: RunFlowInput['parent'];
  /** Where the run was before, when this part began in a host. */
  readonly host?: NonNullable<RunFlowInput['carried']>['host'];
}

interface Pending {
  readonly command: ScheduleActivity;
  /** Known once history has scheduled it: commands that are held, or cancelled at once, never are. */
  scheduledId?: number;
  attempt?: number;
}

/**
 * Runs the kernel over the history of one Temporal run, with the same events at the same times as the workflow had, and
 * so arrives at the same state and reports. Mirrors `runFlow`; a test compares the two.
 */
export const foldPart = async (part: HistoryPart, decoder: HistoryDecoder): Promise<FoldedPart> => {
  const started = part.events[0]?.workflowExecutionStartedEventAttributes;
  const input = (await decoder.first(started?.input)) as RunFlowInput | undefined;
  if (!input || isUnsealed(input)) return { state: null, run: null, entries: [], pending: new Map(), batches: [] };
  const fold = createFold(input, part.temporalRunId, decoder);
  for (let index = 0; index < part.events.length; index += 1) {
    const event = part.events[index];
    if (event) await fold.take(event, part.events.slice(index + 1));
  }
  return fold.result();
};

const createFold = (given: RunFlowInput, temporalRunId: string, decoder: HistoryDecoder) => {
  // As in `runFlow`.
  const input = { ...given };
  const { carried } = input;
  const run: RunReference = { orgId: input.orgId, runId: input.runId, flowId: input.plan.flowId };
  const entries: Entry[] = [];
  const pending = new Map<string, Pending>();
  const scheduled = new Map<number, string>();
  const timers = new Map<string, string>();
  const answered = new Map<string, RepairReply>(carried?.repairs.map(({ requestId, reply }) => [requestId, reply]));
  let state = input.snapshot ?? createState(input.plan);
  /** How a fork begins, once that is known. */
  let beginning: ForkBeginning | null = null;
  let forkScheduledId = 0;
  let arrivals: FoldArrival[] = [];
  let taskStarted: HistoryEvent | null = null;
  let closed = false;
  let timerCount = 0;
  /** The workflow's clock, and the time of the last event of the run: see `runFlow`. */
  let workflowTime = 0;
  let clock = 0;
  let taskId = 0;
  const budget = createTaskBudget(() => taskId);
  const lane = createExpressLane<null>(() => {});
  /** The timer that runs while express steps are under way. */
  let watch: string | null = null;
  let begun = false;
  let taskIdentity = '';
  let isSuggested = false;
  let draining = false;
  const held: (ScheduleActivity | StartChild | StartBatch)[] = [];
  const children = createFoldedChildren(input, decoder);
  const batches = createFoldedBatches(input, decoder);
  const limits = createPartLimits(input, () => {
    const repairs = [...answered].map(([requestId, reply]) => ({ requestId, reply }));
    return toNextPart(input, { snapshot: state, carried: { commands: held, repairs } });
  });
  /** The timer after which the run takes up what one workflow task could not do. */
  let nextTask: string | null = null;

  const nextTimer = (): string => {
    timerCount += 1;
    return String(timerCount);
  };

  const startTimer = (timerId: string): void => void timers.set(nextTimer(), timerId);

  const now = (): number => {
    clock = Math.max(clock, lane.isBusy() ? clock : workflowTime);
    return clock;
  };

  const perform = (command: Command): void => {
    switch (command.type) {
      case 'scheduleActivity':
        return scheduleActivity(command);
      case 'cancelActivity':
        return cancelActivity(command);
      case 'startChild':
        return startChild(command);
      case 'cancelChild':
        return cancelChild(command);
      case 'startBatch':
        if (draining) return void held.push(command);
        return batches.start(command);
      case 'stopBatch':
        return stopBatch(command);
      case 'reportBatch':
        return;
      case 'startTimer':
        return startTimer(command.timerId);
      case 'cancelTimer':
        return;
      case 'reportStep':
        return void entries.push({ kind: 'step', run, temporalRunId, transition: command.transition });
      case 'reportRun':
        return void entries.push({ kind: 'run', run, temporalRunId, transition: command.transition });
      case 'closeRun':
        closed = true;
    }
  };

  const scheduleActivity = (command: ScheduleActivity): void => {
    if (draining) held.push(command);
    else if (command.lane === 'express') return lane.schedule(null, command, clock);
    if (command.lane === 'durable') pending.set(command.activityId, { command });
  };

  const cancelActivity = ({ path, ordinal }: { readonly path: string; readonly ordinal: number }): void => {
    // A step under way ends with a marker of its own.
    const wasHeld = takeBack({ path, ordinal });
    if ((wasHeld?.type === 'scheduleActivity' && wasHeld.lane === 'express') || lane.takeBack(null, { path, ordinal }))
      return void arrivals.push({ type: 'stepCancelled', path, ordinal });
    for (const [activityId, { command, scheduledId }] of pending) {
      if (command.path !== path || command.ordinal !== ordinal) continue;
      if (scheduledId !== undefined && !isDroppedOnCancel(input.plan, command)) return;
      pending.delete(activityId);
      arrivals.push({ type: 'stepCancelled', path, ordinal });
    }
  };

  const takeBack = ({ path, ordinal }: { readonly path: string; readonly ordinal: number }) => {
    const index = held.findIndex(
      (command) => command.type !== 'startBatch' && command.path === path && command.ordinal === ordinal,
    );
    return index === -1 ? undefined : held.splice(index, 1)[0];
  };

  const startChild = (command: StartChild): void => {
    if (draining) return void held.push(command);
    children.start(command);
    reportBegun(toChildInput(input, command, clock));
  };

  const cancelChild = ({ path, ordinal }: Extract<Command, { type: 'cancelChild' }>): void => {
    if (takeBack({ path, ordinal })) {
      arrivals.push({ type: 'childEnded', path, ordinal, end: { status: 'cancelled' } });
    }
  };

  const stopBatch = (command: StopBatch): void => {
    const index = held.findIndex((each) => each.type === 'startBatch' && isSameBatch(each, command));
    if (index === -1) return;
    held.splice(index, 1);
    arrivals.push({ type: 'batchEnded', ...toBatchPlace(command), end: neverBegan });
  };

  const reportBegun = (child: RunFlowInput): void => {
    const row = toBegun(child);
    const {
      orgId,
      runId,
      plan: { flowId },
    } = child;
    if (row) entries.push({ kind: 'started', run: { orgId, runId, flowId }, ...row, at: clock });
  };

  const apply = async (arrival: FoldArrival): Promise<void> => {
    if (arrival.type === 'express') await applyExpress(arrival);
    else if (arrival.type === 'repair') await applyRepair(arrival);
    else if (arrival.type === 'message') await applyMessage(arrival);
    else if (arrival.type === 'supersede') await applySupersede(arrival);
    else if (arrival.type === 'migrate') await applyMigration(arrival);
    else await advanceBy({ ...arrival, at: now() });
    settleWatch(arrival);
    if (!closed) draining = limits.isDraining({ historyLength: taskId, isSuggested });
  };

  /** Nothing is under way any more: the next part follows, or the run was too large for one. */
  const goOn = (): void => {
    const waiting = held.filter((command) => command.type === 'scheduleActivity' && command.lane === 'durable').length;
    const inFlight = pending.size - waiting + children.starting() + batches.starting();
    if (!draining || closed || inFlight > 0 || lane.isBusy() || limits.maySwitch()) return;
    draining = false;
    held.splice(0).forEach(perform);
    settleWatch({ type: 'carried' });
  };

  const settleWatch = ({ type }: { readonly type: string }): void => {
    if (lane.isBusy() && watch !== null && type === 'express') return;
    watch = lane.isBusy() ? nextTimer() : null;
  };

  const applyExpress = async ({ marker }: Extract<FoldArrival, { type: 'express' }>): Promise<void> => {
    const step = marker.find(lane.underWay());
    if (!step) return;
    const { happening, at } = marker.outcomeOf(input.plan, step);
    clock = Math.max(clock, at);
    workflowTime = Math.max(workflowTime, marker.completedAt);
    lane.end(step, clock);
    budget.spend(costOf(happening));
    reportAttempt(step, marker, happening);
    await advanceBy({ ...happening, at: clock });
  };

  /** Of the attempts of an express step, history keeps the last. */
  const reportAttempt = ({ command, begunAt }: Express<null>, marker: Marker, happening: Happening): void => {
    const { path, ordinal, attemptsBefore = 0 } = command;
    const step = { path, ordinal, attempt: attemptsBefore + marker.attempt };
    entries.push(
      { kind: 'attemptStarted', run, step, at: begunAt, worker: taskIdentity },
      { kind: 'attemptEnded', run, step, at: clock, ...toEnding(happening) },
    );
  };

  const applyRepair = async ({ requestId, repair, by }: Extract<FoldArrival, { type: 'repair' }>): Promise<void> => {
    if (answered.has(requestId) || !checkRepair(input.plan, state, repair).ok) return;
    const at = now();
    entries.push({ kind: 'repair', run, repair, by, at });
    await advanceBy({ type: 'repaired', repair, by, at });
    answered.set(requestId, { status: state.status });
  };

  const applyMessage = async ({ message }: Extract<FoldArrival, { type: 'message' }>): Promise<void> => {
    const admitted = admit(input, state, message);
    if (!admitted.ok) return;
    const at = now();
    if (message.type === 'answer') entries.push({ kind: 'answer', run, answer: message.answer, by: message.by, at });
    await advanceBy(admitted.toEvent(at));
  };

  const applySupersede = async ({ request }: Extract<FoldArrival, { type: 'supersede' }>): Promise<void> => {
    if (!checkSupersede(state, request.seq).ok) return;
    await advanceBy({ type: 'superseded', by: request.byRunId, at: now() });
  };

  const applyMigration = async ({ request }: Extract<FoldArrival, { type: 'migrate' }>): Promise<void> => {
    const at = now();
    const { plan, planHash, by } = request;
    const migrated = migrateState(input.plan, plan, state, at);
    if (!migrated.ok) return;
    Object.assign(input, { plan, planHash });
    entries.push({ kind: 'migrated', run, flowVersion: plan.flowVersion, planHash, by, at });
    state = migrated.state;
    migrated.commands.forEach(perform);
    await advanceBy({ type: 'resumed', at });
  };

  const advanceBy = async (event: Parameters<typeof advance>[2]): Promise<void> => {
    const advanced = await advance(input.plan, state, event);
    state = advanced.state;
    budget.spend(advanced.cost);
    advanced.commands.forEach(perform);
  };

  /** What one workflow task did: everything that had happened before it, the updates it accepted, its express steps. */
  const completeTask = async (completed: HistoryEvent, following: readonly HistoryEvent[]): Promise<void> => {
    if (!taskStarted || closed) return;
    workflowTime = Math.max(workflowTime, timeOf(taskStarted));
    taskId = idOf(taskStarted);
    isSuggested = taskStarted.workflowTaskStartedEventAttributes?.suggestContinueAsNew ?? false;
    taskIdentity = completed.workflowTaskCompletedEventAttributes?.identity ?? '';
    begin();
    arrivals.push(...(await acceptedUpdates(following, decoder)));
    await applyArrivals();
    for (const marker of await endedSteps(following, decoder)) {
      arrivals.push({ type: 'express', marker });
      await applyArrivals();
    }
  };

  const applyArrivals = async (): Promise<void> => {
    if (!begun) return;
    while (arrivals.length > 0 && nextTask === null && !closed) {
      const batch = inOrder(arrivals);
      arrivals = [];
      for (let next = batch.shift(); next && !closed; next = batch.shift()) {
        if (!budget.isSpent()) {
          await apply(next);
          continue;
        }
        nextTask = nextTimer();
        arrivals.unshift(next, ...batch.splice(0));
      }
    }
    if (nextTask === null) goOn();
  };

  const endActivity = async (
    event: HistoryEvent,
    scheduledEventId: unknown,
    outcome: () => Promise<Happening | null>,
  ) => {
    const activityId = scheduled.get(Number(scheduledEventId));
    const found = activityId === undefined ? undefined : pending.get(activityId);
    if (activityId === undefined || found?.scheduledId !== Number(scheduledEventId)) return;
    const happening = await outcome();
    if (!happening) return;
    pending.delete(activityId);
    arrivals.push(happening);
    const { activity, path, ordinal, attemptsBefore = 0 } = found.command;
    if (activity === evaluateActivity) return;
    const step = { path, ordinal, attempt: attemptsBefore + (found.attempt ?? 1) };
    entries.push({ kind: 'attemptEnded', run, step, at: timeOf(event), ...toEnding(happening) });
  };

  const take = async (event: HistoryEvent, following: readonly HistoryEvent[]): Promise<void> => {
    const {
      activityTaskScheduledEventAttributes: scheduling,
      activityTaskStartedEventAttributes: starting,
      activityTaskCompletedEventAttributes: completed,
      activityTaskFailedEventAttributes: failed,
      activityTaskTimedOutEventAttributes: timedOut,
      activityTaskCanceledEventAttributes: canceled,
    } = event;
    const ofChild = (await children.read(event)) ?? (await batches.read(event));
    if (ofChild) arrivals.push(ofChild);
    const endedId = (completed ?? failed ?? timedOut ?? canceled)?.scheduledEventId;
    if (forkScheduledId > 0 && Number(endedId) === forkScheduledId) return endFork(event);
    if (scheduling?.activityId === forkActivityId) forkScheduledId = idOf(event);
    else if (event.workflowTaskStartedEventAttributes) taskStarted = event;
    else if (event.workflowTaskCompletedEventAttributes) await completeTask(event, following);
    else if (event.workflowExecutionCancelRequestedEventAttributes) arrivals.push({ type: 'cancelRequested' });
    else if (event.timerFiredEventAttributes) fireTimer(event.timerFiredEventAttributes.timerId ?? '');
    else if (scheduling) {
      const found = pending.get(scheduling.activityId ?? '');
      scheduled.set(idOf(event), scheduling.activityId ?? '');
      if (found) found.scheduledId = idOf(event);
    } else if (starting) {
      const found = pending.get(scheduled.get(Number(starting.scheduledEventId)) ?? '');
      if (!found) return;
      found.attempt = starting.attempt ?? 1;
      if (found.command.activity === evaluateActivity) return;
      const { path, ordinal, attemptsBefore = 0 } = found.command;
      const step = { path, ordinal, attempt: attemptsBefore + found.attempt };
      entries.push({ kind: 'attemptStarted', run, step, at: timeOf(event), worker: starting.identity ?? '' });
    } else if (completed) {
      await endActivity(event, completed.scheduledEventId, async () => {
        const command = commandOf(completed.scheduledEventId);
        return command && toSuccess(input.plan, command, await decoder.first(completed.result));
      });
    } else if (failed ?? timedOut ?? canceled) {
      const ended = failed ?? timedOut ?? canceled;
      await endActivity(event, ended?.scheduledEventId, async () => {
        const command = commandOf(ended?.scheduledEventId);
        const cause = canceled ? new CancelledFailure('Cancelled') : await decoder.error((failed ?? timedOut)?.failure);
        return command && toFailureEvent(input.plan, command, toActivityFailure(command, cause, failed ?? timedOut));
      });
    }
  };

  const commandOf = (scheduledEventId: unknown): ScheduleActivity | null =>
    pending.get(scheduled.get(Number(scheduledEventId)) ?? '')?.command ?? null;

  const begin = (): void => {
    if (begun) return;
    if (!carried && input.fork) return takeOver();
    begun = true;
    now();
    if (!carried && input.batch) {
      goOnFrom(input.batch.commands ?? []);
      return void arrivals.push({ type: 'resumed' });
    }
    if (!carried) {
      reportBegun(input);
      return void arrivals.push(toStarted(input));
    }
    goOnFrom(carried.commands);
    settleWatch({ type: 'carried' });
  };

  /** The activity that makes a fork's state is asked for in the first workflow task, and ends before a later one. */
  const takeOver = (): void => {
    now();
    if (!beginning) return;
    begun = true;
    reportBegun(input);
    if (beginning.forked) {
      state = beginning.forked.state;
      for (const transition of beginning.forked.kept) entries.push({ kind: 'step', run, temporalRunId, transition });
      goOnFrom(beginning.forked.commands ?? []);
    }
    arrivals.push(beginning.first);
  };

  const goOnFrom = (commands: readonly Command[]): void => {
    Object.keys(state.timers).forEach(startTimer);
    commands.forEach(perform);
  };

  const endFork = async (event: HistoryEvent): Promise<void> => {
    const {
      activityTaskCompletedEventAttributes: completed,
      activityTaskFailedEventAttributes: failed,
      activityTaskTimedOutEventAttributes: timedOut,
    } = event;
    if (completed) beginning = toBeginning(await decoder.first(completed.result));
    else beginning = toRefusedBeginning(await decoder.error((failed ?? timedOut)?.failure));
  };

  const fireTimer = (sdkTimerId: string): void => {
    if (sdkTimerId === nextTask) nextTask = null;
    if (sdkTimerId === watch) watch = null;
    const timerId = timers.get(sdkTimerId);
    if (timerId !== undefined) arrivals.push({ type: 'timerFired', timerId });
  };

  const result = (): FoldedPart => ({
    state,
    run,
    entries,
    batches: batches.started(),
    ...(input.batch && { isBatch: true }),
    ...(input.parent && { parent: input.parent }),
    version: { flowVersion: input.plan.flowVersion, planHash: input.planHash },
    ...(carried?.host && { host: carried.host }),
    pending: new Map([...pending].map(([activityId, { command }]) => [activityId, command])),
  });

  return { take, result };
};
