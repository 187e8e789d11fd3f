import type { Actor, KernelEvent, Repair } from '@everwave/schema/interpreter';
import type { RepairReply, RunFlowInput } from '@everwave/schema/run';
import type { MigrateArrival, SupersedeArrival } from './change-desk.ts';
import type { ExpressArrival } from './express-runner.ts';
import type { WaitMessage, WaitReply } from './wait-messages.ts';

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'at'> : never;

/** A kernel event whose time is not known yet: it is the time of the workflow task that brings it. */
export type Happening = WithoutTime<
  Exclude<KernelEvent, { type: 'repaired' | 'superseded' | 'eventArrived' | 'approvalAnswered' }>
>;

/** A repair that waits for its turn, and for the answer to whoever asked. */
export interface RepairArrival {
  readonly type: 'repair';
  readonly repair: Repair;
  readonly by: Actor;
  readonly resolve: (reply: RepairReply) => void;
  readonly reject: (refusal: Error) => void;
}

/** An event or an answer that waits for its turn, and for the answer to whoever sent it. */
export interface WaitArrival {
  readonly type: 'message';
  readonly message: WaitMessage;
  readonly resolve: (reply: WaitReply) => void;
  readonly reject: (refusal: Error) => void;
}

export type Arrival =
  | Happening
  | RepairArrival
  | WaitArrival
  | SupersedeArrival
  | MigrateArrival
  | ExpressArrival<RunFlowInput>;

const rankOf = (type: Arrival['type']): number => {
  switch (type) {
    case 'started':
    case 'resumed':
    case 'startRefused':
      return 0;
    case 'repair':
    case 'message':
    case 'supersede':
    case 'migrate':
      return 1;
    case 'cancelRequested':
      return 2;
    case 'stepSucceeded':
    case 'stepFailed':
    case 'stepDeferred':
    case 'stepLeftLane':
    case 'stepCancelled':
    case 'childStarted':
    case 'childEnded':
    case 'batchReported':
    case 'batchEnded':
    case 'batchStopped':
      return 3;
    case 'timerFired':
      return 4;
    case 'express':
      return 5;
  }
};

interface Named {
  readonly type: string;
  readonly path?: string;
  readonly timerId?: string;
  /** Of a batch. */
  readonly number?: number;
}

const nameOf = ({ path, timerId, number }: Named): string =>
  number === undefined ? (path ?? timerId ?? '') : `${path}[${number}]`;

/**
 * The order in which what came with one workflow task is applied. Fixed, and independent of how the SDK happens to
 * resolve its promises, so that folding a history gives the same run as the run itself. Updates keep their own order: an
 * event that comes with the end of its time is in time. So do express steps. These come last: a replay may bring them
 * together with what came before they ended.
 */
export const inOrder = <Item extends { readonly type: Arrival['type'] }>(arrivals: readonly Item[]): Item[] =>
  arrivals.toSorted((left, right) => {
    const byRank = rankOf(left.type) - rankOf(right.type);
    if (byRank !== 0 || rankOf(left.type) === 1 || left.type === 'express') return byRank;
    const [first, second] = [nameOf(left), nameOf(right)];
    if (first === second) return 0;
    return first < second ? -1 : 1;
  });
