import { isDeepStrictEqual } from 'node:util';
import { toLoggable } from '@everwave/schema/db';
import type { RunNotice } from '@everwave/schema/api';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { findCaller } from '../auth/find-caller.ts';
import type { ApiEnv, ServiceContext } from '../context.ts';
import { refuseForeignStream } from '../middleware/cross-origin.ts';

export interface EventSource<Event> {
  /** Which of the org's notices matter. */
  readonly matters: (notice: RunNotice) => boolean;
  /** The events to send now; called after each notice, and every few seconds in case one was missed. */
  readonly read: () => Promise<readonly Event[]>;
}

/** Milliseconds. */
const pollEvery = 5_000;
const gather = 40;

/**
 * Server-sent events named `run`. A stream lives as long as its caller's session: it is asked about at every poll, so a
 * revoked one ends within seconds. On shutdown streams end and browsers come back by themselves. Throws `too_many_streams`
 * and `origin_refused`.
 */
export const streamEvents = <Event>(
  c: Context<ApiEnv>,
  context: ServiceContext,
  { matters, read }: EventSource<Event>,
): Response => {
  const { runFeed, log } = context;
  refuseForeignStream(c);
  const close = c.get('shared').streams.open(context.caller.id);
  // Proxies must pass each event on at once.
  c.header('x-accel-buffering', 'no');
  return streamSSE(c, async (stream) => {
    let changed: (() => void) | null = null;
    let pending = true;
    const wakeUp = () => {
      pending = true;
      changed?.();
    };
    const unsubscribe = runFeed.subscribe(context.caller.orgId, (notice) => {
      if (matters(notice)) wakeUp();
    });
    runFeed.closing.addEventListener('abort', wakeUp);
    stream.onAbort(wakeUp);
    const over = () => stream.aborted || stream.closed || runFeed.closing.aborted;
    try {
      await stream.write('retry: 1000\n\n');
      let askedAt = Date.now();
      while (!over()) {
        // In a busy org there is no quiet moment in which to ask.
        if (Date.now() - askedAt >= pollEvery) {
          if (!(await mayStillWatch(c, context))) break;
          askedAt = Date.now();
        }
        pending = false;
        for (const event of await read()) await stream.writeSSE({ event: 'run', data: JSON.stringify(event) });
        if (await waitForChange()) await stream.sleep(gather);
        else await stream.write(': still here\n\n');
      }
    } catch (error) {
      log.warn('event stream ended early', { error: toLoggable(error) });
    } finally {
      close();
      unsubscribe();
      runFeed.closing.removeEventListener('abort', wakeUp);
    }

    /** True after a notice, false when it is time to poll. */
    async function waitForChange(): Promise<boolean> {
      if (pending) return true;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => resolve(false), pollEvery);
      changed = () => resolve(true);
      return promise.finally(() => {
        clearTimeout(timer);
        changed = null;
      });
    }
  });
};

const mayStillWatch = async (c: Context<ApiEnv>, context: ServiceContext): Promise<boolean> => {
  try {
    const caller = await findCaller(context, c.req.raw.headers);
    return (
      caller?.orgId === context.caller.orgId &&
      isDeepStrictEqual([caller.permissions, caller.access], [context.caller.permissions, context.caller.access])
    );
  } catch {
    return false;
  }
};
