import { pathOf, type Place, placeOf } from './place.ts';

/** `delay`: a step's own wait. `timeout`: how long it waits for something from outside. `defer`: a step asked to come back later. `park`: how long a person has. `limit`: how long a frame has. `run`: the run's own limit. */
export type TimerPurpose = 'delay' | 'timeout' | 'defer' | 'park' | 'limit';

export const runTimerId = 'run';
/** Goes on with ready steps in a workflow task of its own, after a costly one. */
export const continueTimerId = 'continue';

export const timerIdOf = (purpose: TimerPurpose, place: Place, ordinal: number): string =>
  `${purpose}:${pathOf(place)}:${ordinal}`;

/** Null for the run's own timers. */
export const readTimerId = (
  timerId: string,
): { readonly purpose: TimerPurpose; readonly place: Place; readonly ordinal: number } | null => {
  const [purpose, path, ordinal] = timerId.split(':');
  if (path === undefined) return null;
  return { purpose: purpose as TimerPurpose, place: placeOf(path), ordinal: Number(ordinal) };
};
