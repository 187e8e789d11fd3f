import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { endingOf } from './projection/attempt-interceptor.ts';
import type { AttemptEnding } from './projection/entry.ts';

/** Tells `count` of every attempt that has ended: its activity, how it ended, and the milliseconds it took. */
export const countAttempts =
  (count: (activity: string, status: AttemptEnding, milliseconds: number) => void): ActivityInterceptorsFactory =>
  ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        const startedAt = performance.now();
        const ended = (status: AttemptEnding) => count(info.activityType, status, performance.now() - startedAt);
        try {
          const result: unknown = await next(input);
          ended('succeeded');
          return result;
        } catch (error) {
          ended(endingOf(error));
          throw error;
        }
      },
    },
  });
