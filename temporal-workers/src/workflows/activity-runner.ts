import type { Plan } from '@everwave/schema/flow';
import { type RunFlowInput, summaryOf } from '@everwave/schema/run';
import { ActivityCancellationType, CancellationScope, scheduleActivity } from '@temporalio/workflow';
import { toActivityInput } from './activity-input.ts';
import type { Happening } from './arrival.ts';
import { effectOfActivity, type ScheduleActivity, toFailureEvent, toSuccess } from './outcome.ts';

export interface ActivityRunner {
  schedule(command: ScheduleActivity): void;
  cancel(step: { readonly path: string; readonly ordinal: number }): void;
  /** Activities that have been scheduled and have not ended. They cannot be carried into the next part of the run. */
  inFlight(): number;
}

/** A read may be dropped at once; of a write we wait to hear how it ended. Also decides how a history is folded. */
export const isDroppedOnCancel = (
  plan: Plan,
  command: Pick<ScheduleActivity, 'activity' | 'path' | 'generation'>,
): boolean => effectOfActivity(plan, command).effect === 'reads';

/** Performs the kernel's activity commands and delivers how each ended. */
export const createActivityRunner = (input: RunFlowInput, deliver: (happening: Happening) => void): ActivityRunner => {
  const running = new Map<string, CancellationScope>();
  const keyOf = (step: { readonly path: string; readonly ordinal: number }) => `${step.path}#${step.ordinal}`;

  const run = async (command: ScheduleActivity, scope: CancellationScope): Promise<void> => {
    let happening: Happening;
    try {
      happening = toSuccess(input.plan, command, await scope.run(() => startActivity(input, command)));
    } catch (error) {
      happening = toFailureEvent(input.plan, command, error);
    }
    running.delete(keyOf(command));
    deliver(happening);
  };

  return {
    schedule: (command) => {
      const scope = new CancellationScope();
      running.set(keyOf(command), scope);
      void run(command, scope);
    },
    cancel: (step) => running.get(keyOf(step))?.cancel(),
    inFlight: () => running.size,
  };
};

/** Resolves with what the activity gives. */
export const startActivity = (run: RunFlowInput, command: ScheduleActivity): Promise<unknown> => {
  const { options } = command;
  return scheduleActivity<unknown>(command.activity, [toActivityInput(run, command)], {
    activityId: command.activityId,
    summary: summaryOf(command.title),
    startToCloseTimeout: options.startToCloseTimeout,
    scheduleToCloseTimeout: options.scheduleToCloseTimeout,
    ...heartbeatOf(run.plan, command),
    retry: { ...options.retry, nonRetryableErrorTypes: [...options.retry.nonRetryableErrorTypes] },
    // Without a name it is the workflow's own queue, where activities are dispatched eagerly.
    ...(options.taskQueue === 'flow' ? {} : { taskQueue: options.taskQueue }),
    cancellationType: isDroppedOnCancel(run.plan, command)
      ? ActivityCancellationType.TRY_CANCEL
      : ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
};

/** A write is waited for when the run is cancelled, and only a heartbeat tells it to stop: so it always has one. */
const heartbeatOf = (plan: Plan, command: ScheduleActivity) => {
  const heartbeatTimeout = command.options.heartbeatTimeout ?? (isDroppedOnCancel(plan, command) ? undefined : '10s');
  return heartbeatTimeout ? { heartbeatTimeout } : {};
};
