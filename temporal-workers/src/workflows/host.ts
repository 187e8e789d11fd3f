import { advance, type Command, type KernelEvent, type TurnCost } from '@everwave/schema/interpreter';
import { type EjectReply, hostLimits, type RunHostInput, type RunHostResult } from '@everwave/schema/run';
import type { Express } from './express-lane.ts';
import type { HostArrival } from './host-arrival.ts';
import { type HostRun, toHostRun } from './host-run.ts';
import type { ScheduleActivity } from './outcome.ts';
import { toStarted } from './started.ts';
import { costOf } from './task-budget.ts';

type Report = Extract<Command, { type: 'reportStep' | 'reportRun' }>;

/** What a host cannot do by itself. */
export interface HostPorts {
  readonly express: {
    schedule(run: HostRun, command: ScheduleActivity, at: number): void;
    end(step: Express<HostRun>, at: number): void;
    cancel(run: HostRun, command: { readonly path: string; readonly ordinal: number }): 'asked' | 'dropped' | 'unknown';
    isBusy(): boolean;
    countOf(run: HostRun): number;
  };
  readonly report: (run: HostRun, report: Report) => void;
  /** Starts the run's own workflow, now or when there is room; an arrival `ejected` tells when that is done. */
  readonly eject: (run: HostRun) => void;
  readonly deliver: (arrival: HostArrival) => void;
  readonly spend: (cost: TurnCost) => void;
  /** The workflow's clock, Unix ms. */
  readonly time: () => number;
}

export interface Host {
  /** To be called once, first. */
  start(): void;
  apply(arrival: HostArrival): Promise<void>;
  /** True when every run has ended or runs by itself. */
  isDone(): boolean;
  find(runId: string): HostRun | undefined;
  readonly result: () => RunHostResult;
}

/**
 * Many runs, one state each, advanced one event at a time. A run that needs more than the express lane, or more than a
 * few seconds, is ejected: its state goes on in a workflow of its own. Knows nothing of Temporal: the same code folds a
 * host's history.
 */
export const createHost = (input: RunHostInput, ports: HostPorts): Host => {
  const runs = new Map(input.runs.map((run) => [run.runId, toHostRun(input, run)]));
  const asked = new Map<string, ((reply: EjectReply) => void)[]>();
  const { express } = ports;
  let clock = 0;
  let begunAt = 0;

  /** While an express step is under way, a replay shows another time than the host had: see `runFlow`. */
  const now = (): number => {
    clock = Math.max(clock, express.isBusy() ? clock : ports.time());
    return clock;
  };

  const schedule = (run: HostRun, command: ScheduleActivity): void => {
    const isLate = clock - begunAt > hostLimits.runTime || run.returned > hostLimits.runOutput;
    if (run.phase === 'open' && command.lane === 'express' && !isLate) return express.schedule(run, command, clock);
    hold(run, command);
  };

  const hold = (run: HostRun, command: Command): void => {
    run.held.push(command);
    if (run.phase === 'open') run.phase = 'leaving';
  };

  const cancelActivity = (run: HostRun, { path, ordinal }: { path: string; ordinal: number }): void => {
    if (express.cancel(run, { path, ordinal }) === 'asked') return;
    const index = run.held.findIndex(
      (command) => command.type === 'scheduleActivity' && command.path === path && command.ordinal === ordinal,
    );
    if (index !== -1) run.held.splice(index, 1);
    ports.deliver({ type: 'stepCancelled', run, path, ordinal });
  };

  const perform = (run: HostRun, command: Command): void => {
    switch (command.type) {
      case 'scheduleActivity':
        return schedule(run, command);
      case 'cancelActivity':
        return cancelActivity(run, command);
      case 'startChild':
      case 'cancelChild':
        throw new Error(`${command.path} is a sub-flow. Its run should not share a workflow: see isHostable.`);
      case 'startBatch':
      case 'stopBatch':
      case 'reportBatch':
        throw new Error(`${command.path} is a loop. Its run should not share a workflow: see isHostable.`);
      case 'startTimer':
        // Every timer is in the state. The run's own time limit is far away; any other means that it waits.
        if (command.timerId !== 'run' && run.phase === 'open') run.phase = 'leaving';
        return;
      case 'cancelTimer':
        return;
      case 'reportStep':
      case 'reportRun':
        return ports.report(run, command);
      case 'closeRun':
        run.phase = 'ended';
    }
  };

  const advanceRun = async (run: HostRun, event: KernelEvent): Promise<void> => {
    const advanced = await advance(run.plan, run.state, event);
    run.state = advanced.state;
    ports.spend(advanced.cost);
    for (const command of advanced.commands) perform(run, command);
    settle(run);
  };

  /** Ejects a run that has nothing under way any more. */
  const settle = (run: HostRun): void => {
    if (run.phase === 'ended') return answer(run.runId, 'ended');
    if (run.phase !== 'leaving' || express.countOf(run) > 0) return;
    run.phase = 'ejected';
    ports.eject(run);
  };

  const answer = (runId: string, status: EjectReply['status']): void => {
    for (const resolve of asked.get(runId) ?? []) resolve({ status });
    asked.delete(runId);
  };

  const ask = ({ runId, resolve }: Extract<HostArrival, { type: 'ejectAsked' }>): void => {
    const run = runs.get(runId);
    if (!run || run.phase === 'ended') return resolve({ status: 'ended' });
    if (done.has(runId)) return resolve({ status: 'ejected' });
    asked.set(runId, [...(asked.get(runId) ?? []), resolve]);
    if (run.phase === 'open') run.phase = 'leaving';
    settle(run);
  };
  /** Runs whose own workflow has started. */
  const done = new Set<string>();

  const applyExpress = async ({ step, outcome }: Extract<HostArrival, { type: 'express' }>): Promise<void> => {
    clock = Math.max(clock, outcome.at);
    express.end(step, clock);
    const run = step.owner;
    const cost = costOf(outcome.happening);
    run.returned += cost.bytes;
    ports.spend(cost);
    await advanceRun(run, { ...outcome.happening, at: clock });
  };

  const cancelAll = async (): Promise<void> => {
    const at = now();
    for (const run of runs.values()) {
      if (run.phase === 'open' || run.phase === 'leaving') await advanceRun(run, { type: 'cancelRequested', at });
    }
  };

  return {
    start: () => {
      begunAt = now();
      for (const run of runs.values()) ports.deliver({ type: 'started', run });
    },
    apply: async (arrival) => {
      switch (arrival.type) {
        case 'started':
          return advanceRun(arrival.run, { ...toStarted(arrival.run), at: begunAt });
        case 'ejectAsked':
          return ask(arrival);
        case 'cancelRequested':
          return cancelAll();
        case 'stepCancelled': {
          const { run, path, ordinal } = arrival;
          return advanceRun(run, { type: 'stepCancelled', path, ordinal, at: now() });
        }
        case 'ejected':
          done.add(arrival.runId);
          return answer(arrival.runId, 'ejected');
        case 'express':
          return applyExpress(arrival);
      }
    },
    isDone: () => [...runs.values()].every(({ phase, runId }) => phase === 'ended' || done.has(runId)),
    find: (runId) => runs.get(runId),
    result: () => ({ ended: runs.size - done.size, ejected: done.size }),
  };
};
