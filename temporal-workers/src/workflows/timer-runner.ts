import { summaryOf } from '@everwave/schema/run';
import type { Happening } from './arrival.ts';
import { createTimer } from './timer.ts';

export interface TimerRunner {
  /** `dueAt` is Unix ms: a timer that is carried into the next part of a run does not start from zero. */
  start(timer: { readonly timerId: string; readonly dueAt: number; readonly title: string }): void;
  cancel(timerId: string): void;
}

export const createTimerRunner = (deliver: (happening: Happening) => void): TimerRunner => {
  const running = new Map<string, { readonly cancel: () => void }>();
  return {
    start: ({ timerId, dueAt, title }) => {
      const timer = createTimer(Math.max(1, dueAt - Date.now()), summaryOf(title), () => {
        running.delete(timerId);
        deliver({ type: 'timerFired', timerId });
      });
      running.set(timerId, timer);
    },
    cancel: (timerId) => {
      running.get(timerId)?.cancel();
      running.delete(timerId);
    },
  };
};
