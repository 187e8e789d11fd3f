import type { Json, Plan } from '../../flow/plan.ts';
import type { Failure } from '../../run/status.ts';
import { advance, type TurnCost } from '../advance.ts';
import type { Command } from '../command.ts';
import { createState } from '../create-state.ts';
import type { Actor, KernelEvent, Repair } from '../event.ts';
import { placeOf } from '../place.ts';
import type { RunState } from '../state.ts';
import { findStep } from '../turn.ts';

type Untimed = KernelEvent extends infer Event ? (Event extends KernelEvent ? Omit<Event, 'at'> : never) : never;

export const person: Actor = { userId: 'user_1', name: 'Ada', role: 'operator' };

/** A run in the hands of a test: time is virtual, and the test decides how each activity ends. */
export interface TestRun {
  readonly state: () => RunState;
  /** Commands of the last event, without reports. */
  readonly commands: () => readonly Command[];
  /** Statuses of all steps, by id. */
  readonly statuses: () => { readonly [stepId: string]: string };
  readonly send: (event: Untimed) => Promise<void>;
  /** Lets time pass and fires each timer that falls due, in order. */
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly succeed: (path: string, output?: Json) => Promise<void>;
  readonly fail: (path: string, failure?: Partial<Failure>) => Promise<void>;
  readonly repair: (repair: Repair) => Promise<void>;
  /** Activity ids in the order in which they were scheduled. */
  readonly scheduled: () => readonly string[];
  /** The last status that was reported of a step, also of one whose scope has ended. */
  readonly statusOf: (path: string) => string | undefined;
  readonly reports: () => readonly Command[];
  /** What the last event cost. */
  readonly cost: () => TurnCost;
}

export const startRun = async (plan: Plan, trigger: Json = {}, triggerStepId = 'start'): Promise<TestRun> => {
  let now = Date.UTC(2026, 2, 1);
  let state = createState(plan);
  let last: readonly Command[] = [];
  let cost: TurnCost = { steps: 0, bytes: 0 };
  const all: Command[] = [];

  const send = async (event: Untimed): Promise<void> => {
    const advanced = await advance(plan, state, { ...event, at: now } as KernelEvent);
    // What a snapshot would keep is all there is.
    state = JSON.parse(JSON.stringify(advanced.state)) as RunState;
    last = advanced.commands;
    cost = advanced.cost;
    all.push(...last);
  };
  const ordinalOf = (path: string): number => findStep({ state }, placeOf(path))?.ordinal ?? 1;
  const isReport = ({ type }: Command) => type === 'reportStep' || type === 'reportRun';

  await send({
    type: 'started',
    triggerStepId,
    trigger,
    run: { id: 'run_1', url: 'http://127.0.0.1/runs/run_1', flowName: 'A flow' },
    seed: 7,
  });
  return {
    state: () => state,
    commands: () => last.filter((command) => !isReport(command)),
    reports: () => all.filter(isReport),
    statusOf: (path) =>
      all
        .flatMap((command) => (command.type === 'reportStep' ? [command.transition] : []))
        .findLast((transition) => transition.path === path)?.status,
    cost: () => cost,
    statuses: () =>
      Object.fromEntries(Object.entries(state.scopes['root']?.steps ?? {}).map(([id, { status }]) => [id, status])),
    scheduled: () => all.flatMap((command) => (command.type === 'scheduleActivity' ? [command.activityId] : [])),
    send,
    wait: async (milliseconds) => {
      const end = now + milliseconds;
      for (;;) {
        const [timerId, timer] =
          Object.entries(state.timers).toSorted(([, left], [, right]) => left.dueAt - right.dueAt)[0] ?? [];
        if (!timerId || !timer || timer.dueAt > end) break;
        now = timer.dueAt;
        await send({ type: 'timerFired', timerId });
      }
      now = end;
    },
    succeed: (path, output = null) => send({ type: 'stepSucceeded', path, ordinal: ordinalOf(path), output }),
    fail: (path, failure = {}) =>
      send({
        type: 'stepFailed',
        path,
        ordinal: ordinalOf(path),
        failure: { name: 'broken', message: 'It broke.', ...failure },
        attempts: 3,
      }),
    repair: (repair) => send({ type: 'repaired', repair, by: person }),
  };
};
