import { isClosed } from '../run/status.ts';
import type { OutsideEvent } from '../run/waits.ts';
import { placeOf } from './place.ts';
import type { RunState } from './state.ts';
import { findStep } from './turn.ts';

/** `code` is stable: `received_before` means that the event has done its work in this run. */
export type ArrivalVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'run_not_open' | 'received_before' | 'not_waiting'; readonly message: string };

export interface EventArrival {
  readonly path: string;
  readonly ordinal: number;
  readonly event: OutsideEvent;
}

/** Whether a step waits for this event. Pure: the update's validator asks before anything enters history. */
export const checkArrival = (state: RunState, { path, ordinal, event }: EventArrival): ArrivalVerdict => {
  if (wasReceived(state, event)) {
    return { ok: false, code: 'received_before', message: `This run has taken the event ${event.id} before.` };
  }
  if (isClosed(state.status)) return { ok: false, code: 'run_not_open', message: `This run is ${state.status}.` };
  const step = findStep({ state }, placeOf(path));
  const waits = step?.ordinal === ordinal ? step.waitsFor : undefined;
  if (waits?.type === 'event' && waits.event === event.name && waits.correlationKey === event.correlationKey) {
    return { ok: true };
  }
  return { ok: false, code: 'not_waiting', message: `The step "${path}" does not wait for this event any more.` };
};

export const wasReceived = ({ receivedEvents = [] }: RunState, event: Pick<OutsideEvent, 'name' | 'id'>): boolean =>
  receivedEvents.includes(toEventKey(event));

/** Senders count each kind of event by itself. */
export const toEventKey = ({ name, id }: Pick<OutsideEvent, 'name' | 'id'>): string => `${name}:${id}`;
