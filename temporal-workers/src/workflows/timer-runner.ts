import { summaryOf } from '@everwave/schema/run';
import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { Happening } from './arrival.ts';

export interface TimerRunner {
  /** `dueAt` is Unix ms: a timer that is carried into the next part of a run does not start from zero. */
  start(timer: { readonly timerId: string; readonly dueAt: number; readonly title: string }): void;
  cancel(timerId: string): void;
}

export const createTimerRunner = (deliver: (happening: Happening) => void): TimerRunner => {
  const running = new Map<string, CancellationScope>();

  const wait = async (timerId: string, milliseconds: number, title: string, scope: CancellationScope) => {
    try {
      await scope.run(() => sleep(milliseconds, { summary: summaryOf(title) }));
    } catch (error) {
      if (isCancellation(error)) return;
      throw error;
    }
    running.delete(timerId);
    deliver({ type: 'timerFired', timerId });
  };

  return {
    start: ({ timerId, dueAt, title }) => {
      const scope = new CancellationScope();
      running.set(timerId, scope);
      void wait(timerId, Math.max(1, dueAt - Date.now()), title, scope);
    },
    cancel: (timerId) => {
      running.get(timerId)?.cancel();
      running.delete(timerId);
    },
  };
};
