import type { EjectReply } from '@everwave/schema/run';
import type { ExpressArrival } from './express-runner.ts';
import type { HostRun } from './host-run.ts';

/** What happens to the runs of a host. */
export type HostArrival =
  | { readonly type: 'started'; readonly run: HostRun }
  | { readonly type: 'ejectAsked'; readonly runId: string; readonly resolve: (reply: EjectReply) => void }
  | { readonly type: 'cancelRequested' }
  | { readonly type: 'stepCancelled'; readonly run: HostRun; readonly path: string; readonly ordinal: number }
  /** The run's own workflow has started. */
  | { readonly type: 'ejected'; readonly runId: string }
  | ExpressArrival<HostRun>;

const ranks: { readonly [Type in HostArrival['type']]: number } = {
  started: 0,
  ejectAsked: 1,
  cancelRequested: 2,
  stepCancelled: 3,
  ejected: 4,
  express: 5,
};

/** As `inOrder` of a single run: what a workflow task brings is applied in this order, equals in the order they came. */
export const inHostOrder = <Item extends { readonly type: HostArrival['type'] }>(arrivals: readonly Item[]): Item[] =>
  arrivals.toSorted((left, right) => ranks[left.type] - ranks[right.type]);
