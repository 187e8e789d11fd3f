import { toMilliseconds } from '@everwave/schema/interpreter';
import { type ActivityInput, expressLimits, summaryOf } from '@everwave/schema/run';
import { CancellationScope, scheduleLocalActivity } from '@temporalio/workflow';
import { type RunOfActivity, toActivityInput } from './activity-input.ts';
import { createExpressLane, type Express } from './express-lane.ts';
import { type ExpressOutcome, toExpressFailure, toExpressSuccess } from './express-outcome.ts';
import type { ScheduleActivity } from './outcome.ts';
import { createTimer } from './timer.ts';

/** An express step has ended. Comes after everything else that a workflow task brings: see `inOrder`. */
export interface ExpressArrival<Owner> {
  readonly type: 'express';
  readonly step: Express<Owner>;
  readonly outcome: ExpressOutcome;
}

export interface ExpressRunner<Owner> {
  schedule(owner: Owner, command: ScheduleActivity, at: number): void;
  /** To be called when the arrival is applied. */
  end(step: Express<Owner>, at: number): void;
  /** `asked`: the step is under way, and its arrival will tell. `dropped`: it had not begun. */
  cancel(owner: Owner, step: Pick<ScheduleActivity, 'path' | 'ordinal'>): 'asked' | 'dropped' | 'unknown';
  isBusy(): boolean;
  countOf(owner: Owner): number;
  /** To be called when an arrival has been applied. */
  settle(arrival: { readonly type: string }): void;
}

/** Performs express steps as local activities: inside the workflow task, without an event until they have ended. */
export const createExpressRunner = <Owner extends RunOfActivity>(
  deliver: (arrival: ExpressArrival<Owner>) => void,
): ExpressRunner<Owner> => {
  const scopes = new Map<Express<Owner>, CancellationScope>();
  const watch = createWatch();

  const run = async (step: Express<Owner>, scope: CancellationScope): Promise<void> => {
    let outcome: ExpressOutcome;
    try {
      outcome = toExpressSuccess(step.owner.plan, step, await scope.run(() => start(step)));
    } catch (error) {
      outcome = toExpressFailure(step.owner.plan, step, error);
    }
    scopes.delete(step);
    deliver({ type: 'express', step, outcome });
  };

  const lane = createExpressLane<Owner>((step) => {
    const scope = new CancellationScope();
    scopes.set(step, scope);
    void run(step, scope);
  });

  return {
    schedule: (owner, command, at) => lane.schedule(owner, command, at),
    end: (step, at) => lane.end(step, at),
    cancel: (owner, reference) => {
      if (lane.takeBack(owner, reference)) return 'dropped';
      const step = lane.find(owner, reference);
      if (step) scopes.get(step)?.cancel();
      return step ? 'asked' : 'unknown';
    },
    isBusy: () => lane.isBusy(),
    countOf: (owner) => lane.countOf(owner),
    settle: (arrival) => watch.settle(lane.isBusy(), arrival),
  };
};

/** The SDK's own timer would wait in history for a retry; ours leave the lane before. */
const localRetryThreshold = '1m';

const start = ({ owner, command }: Express<RunOfActivity>): Promise<unknown> => {
  const { options } = command;
  const own = toMilliseconds(options.startToCloseTimeout);
  const input: ActivityInput = {
    ...toActivityInput(owner, command),
    express: { isCut: own > expressLimits.attempt },
  };
  return scheduleLocalActivity<unknown>(command.activity, [input], {
    summary: summaryOf(command.title),
    startToCloseTimeout: Math.min(own, expressLimits.attempt),
    scheduleToCloseTimeout: Math.min(toMilliseconds(options.scheduleToCloseTimeout), expressLimits.step),
    localRetryThreshold,
    retry: { ...options.retry, nonRetryableErrorTypes: [...options.retry.nonRetryableErrorTypes] },
  });
};

/**
 * A timer for as long as express steps are under way. It is never meant to fire, and costs no event when they end within
 * their workflow task. When they outlast it, its event keeps this task apart from the next in a replay, which otherwise
 * takes both for one and shows the workflow another time and another length of history.
 */
const createWatch = () => {
  let timer: { cancel(): void } | null = null;
  return {
    settle: (isBusy: boolean, { type }: { readonly type: string }): void => {
      if (isBusy && timer && type === 'express') return;
      timer?.cancel();
      timer = null;
      if (!isBusy) return;
      const started = createTimer(watchMilliseconds, 'Express steps', () => {
        if (timer === started) timer = null;
      });
      timer = started;
    },
  };
};

const watchMilliseconds = 60_000;
