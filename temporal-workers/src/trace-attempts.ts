import type { ActivityInput } from '@everwave/schema/run';
import { inSpan } from '@everwave/temporal/tracing';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** A span around every attempt, in the trace of the request that began the run. Ids only, never inputs or outputs. */
export const traceAttempts: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: async (input, next) => {
      const request = input.args[0] as Partial<ActivityInput> | undefined;
      const attributes = {
        'everwave.org.id': request?.orgId,
        'everwave.flow.id': request?.flowId,
        'everwave.run.id': request?.runId,
        'everwave.step.path': request?.path,
        'everwave.step.ordinal': request?.ordinal,
        'everwave.step.attempt': info.attempt,
        'everwave.request.id': request?.requestId ?? undefined,
        'temporal.task_queue': info.taskQueue,
      };
      return inSpan(info.activityType, { kind: 'consumer', parent: request?.traceparent, attributes }, () =>
        next(input),
      );
    },
  },
});
