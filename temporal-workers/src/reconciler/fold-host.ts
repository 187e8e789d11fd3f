import type { RunState } from '@everwave/schema/interpreter';
import { ejectUpdate, type EjectRequest, type RunHostInput } from '@everwave/schema/run';
import type { Entry } from '../projection/entry.ts';
import { createExpressLane } from '../workflows/express-lane.ts';
import { createHost, type Host } from '../workflows/host.ts';
import { type HostArrival, inHostOrder } from '../workflows/host-arrival.ts';
import type { HostRun } from '../workflows/host-run.ts';
import { isUnsealed } from '../workflows/outcome.ts';
import { createTaskBudget } from '../workflows/task-budget.ts';
import { type HistoryDecoder, type HistoryEvent, idOf, timeOf } from './decode-history.ts';
import type { HistoryPart } from './fetch-chain.ts';
import { toEnding } from './read-events.ts';
import { endedSteps, type Marker } from './read-markers.ts';

/** What a host's history says of one of its runs. */
export interface FoldedHostRun {
  readonly state: RunState;
  readonly entries: readonly Entry[];
  readonly isEjected: boolean;
}

export type FoldedHost = ReadonlyMap<string, FoldedHostRun>;

/** Runs a host over its own history, as it ran. Null when the history is not one of ours. */
export const foldHost = async (
  { events, temporalRunId }: HistoryPart,
  hostWorkflowId: string,
  decoder: HistoryDecoder,
): Promise<FoldedHost | null> => {
  const input = (await decoder.first(events[0]?.workflowExecutionStartedEventAttributes?.input)) as
    | RunHostInput
    | undefined;
  if (!input || isUnsealed(input)) return null;

  const entries = new Map<string, Entry[]>(input.runs.map(({ runId }) => [runId, []]));
  const add = (entry: Entry) => entries.get(entry.run.runId)?.push(entry);
  const referenceOf = ({ orgId, runId, plan }: HostRun) => ({ orgId, runId, flowId: plan.flowId });
  const lane = createExpressLane<HostRun>(() => {});
  let arrivals: HostArrival[] = [];
  let time = 0;
  let task = 0;
  let timers = 0;
  let watch: number | null = null;
  let nextTask: number | null = null;
  const budget = createTaskBudget(() => task);

  const host: Host = createHost(input, {
    express: {
      ...lane,
      // A step under way ends with a marker of its own.
      cancel: (run, step) => (lane.takeBack(run, step) ? 'dropped' : lane.find(run, step) ? 'asked' : 'unknown'),
    },
    report: (run, report) => {
      const reported = { run: referenceOf(run), temporalRunId };
      if (report.type === 'reportStep') add({ kind: 'step', ...reported, transition: report.transition });
      else add({ kind: 'run', ...reported, transition: report.transition, hostWorkflowId });
    },
    eject: () => {},
    deliver: (arrival) => void arrivals.push(arrival),
    spend: (cost) => budget.spend(cost),
    time: () => time,
  });

  const applyArrivals = async (): Promise<void> => {
    while (arrivals.length > 0 && nextTask === null) {
      const batch = inHostOrder(arrivals);
      arrivals = [];
      for (let next = batch.shift(); next; next = batch.shift()) {
        if (budget.isSpent()) {
          timers += 1;
          nextTask = timers;
          arrivals.unshift(next, ...batch.splice(0));
          break;
        }
        await host.apply(next);
        settleWatch(next);
      }
    }
  };

  const settleWatch = ({ type }: HostArrival): void => {
    if (lane.isBusy() && watch !== null && type === 'express') return;
    watch = null;
    if (!lane.isBusy()) return;
    timers += 1;
    watch = timers;
  };

  const applyMarker = async (marker: Marker, worker: string): Promise<void> => {
    const step = marker.find(lane.underWay());
    if (!step) return;
    const outcome = marker.outcomeOf(step.owner.plan, step);
    const { path, ordinal, attemptsBefore = 0 } = step.command;
    const attempt = { path, ordinal, attempt: attemptsBefore + marker.attempt };
    const run = referenceOf(step.owner);
    add({ kind: 'attemptStarted', run, step: attempt, at: step.begunAt, worker });
    add({ kind: 'attemptEnded', run, step: attempt, at: outcome.at, ...toEnding(outcome.happening) });
    arrivals.push({ type: 'express', step, outcome });
    await applyArrivals();
    time = Math.max(time, marker.completedAt);
  };

  const completeTask = async (completed: HistoryEvent, following: readonly HistoryEvent[]): Promise<void> => {
    if (task === 0) return;
    if (!begun) host.start();
    begun = true;
    for (const runId of await askedRuns(following, decoder)) {
      arrivals.push({ type: 'ejectAsked', runId, resolve: () => {} });
    }
    await applyArrivals();
    const worker = completed.workflowTaskCompletedEventAttributes?.identity ?? '';
    for (const marker of await endedSteps(following, decoder)) await applyMarker(marker, worker);
  };
  let begun = false;

  for (const [index, event] of events.entries()) {
    const started = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution;
    const refused = event.startChildWorkflowExecutionFailedEventAttributes?.workflowId;
    const timer = event.timerFiredEventAttributes?.timerId;
    if (event.workflowTaskStartedEventAttributes) {
      time = Math.max(time, timeOf(event));
      task = idOf(event);
    } else if (event.workflowTaskCompletedEventAttributes) await completeTask(event, events.slice(index + 1));
    else if (event.workflowExecutionCancelRequestedEventAttributes) arrivals.push({ type: 'cancelRequested' });
    else if (timer) {
      if (Number(timer) === nextTask) nextTask = null;
      if (Number(timer) === watch) watch = null;
    } else if (started?.workflowId || refused) {
      const runId = runOf(started?.workflowId ?? refused ?? '');
      const run = host.find(runId);
      if (run && started?.runId) {
        add({ kind: 'ejected', run: referenceOf(run), temporalRunId: started.runId, at: timeOf(event) });
      }
      arrivals.push({ type: 'ejected', runId });
    }
  }

  return new Map(
    input.runs.flatMap(({ runId }) => {
      const run = host.find(runId);
      return run
        ? [[runId, { state: run.state, entries: entries.get(runId) ?? [], isEjected: run.phase === 'ejected' }]]
        : [];
    }),
  );
};

const runOf = (workflowId: string): string => workflowId.slice(workflowId.lastIndexOf('/') + 1);

const askedRuns = async (following: readonly HistoryEvent[], decoder: HistoryDecoder): Promise<string[]> => {
  const runIds: string[] = [];
  for (const event of following) {
    if (event.workflowTaskScheduledEventAttributes) break;
    const request = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
    if (request?.name !== ejectUpdate) continue;
    runIds.push(((await decoder.first(request.args)) as EjectRequest).runId);
  }
  return runIds;
};
