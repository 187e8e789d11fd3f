import { toLoggable } from '@everwave/schema/db';
import type { AppDependencies } from '../../context.ts';
import type { PlanCache } from '../../dispatch/plan-cache.ts';
import { findAnswer, type RunAnswer } from './find-answer.ts';

/** Milliseconds between looks when no notice comes: one may have been missed. */
const pollEvery = 2_000;

/**
 * What the run says, as soon as it does. Any process may have started it, and any worker have advanced it: the notices of
 * Postgres tell when to look. Null when it has said nothing in time, the caller has gone, or this process drains; the run
 * goes on in each case.
 */
export const waitForAnswer = async (
  dependencies: Pick<AppDependencies, 'db' | 'ring' | 'runFeed' | 'log'>,
  plans: PlanCache,
  run: { readonly orgId: string; readonly runId: string },
  { timeout, gone }: { readonly timeout: number; readonly gone: AbortSignal },
): Promise<RunAnswer | null> => {
  const { runFeed, log } = dependencies;
  const until = AbortSignal.any([gone, runFeed.closing, AbortSignal.timeout(timeout)]);
  let wake: (() => void) | null = null;
  let hasChanged = true;
  const changed = () => {
    hasChanged = true;
    wake?.();
  };
  const unsubscribe = runFeed.subscribe(run.orgId, ({ runId }) => {
    if (runId === run.runId) changed();
  });
  until.addEventListener('abort', changed);
  try {
    while (!until.aborted) {
      hasChanged = false;
      const answer = await findAnswer(dependencies, plans, run);
      if (answer) return answer;
      if (!hasChanged) await nextLook();
    }
    return null;
  } catch (error) {
    // The delivery is stored whatever happens now: the caller is told so, and not that it failed.
    log.warn('answer of a run not read', { ...run, error: toLoggable(error) });
    return null;
  } finally {
    unsubscribe();
    until.removeEventListener('abort', changed);
  }

  async function nextLook(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, pollEvery);
    wake = resolve;
    await promise.finally(() => {
      clearTimeout(timer);
      wake = null;
    });
  }
};
