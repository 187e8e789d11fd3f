import type { ActivityInput, RunFlowInput } from '@everwave/schema/run';
import type { ScheduleActivity } from './outcome.ts';

/** Whose steps an activity is of. */
export type RunOfActivity = Pick<RunFlowInput, 'orgId' | 'runId' | 'rootRunId' | 'outermostRunId' | 'plan' | 'run'>;

/** What a step's activity is given, in either lane: the effect key follows from it. */
export const toActivityInput = (run: RunOfActivity, command: ScheduleActivity): ActivityInput => ({
  orgId: run.orgId,
  flowId: run.plan.flowId,
  runId: run.runId,
  rootRunId: run.rootRunId,
  ...(run.outermostRunId && { outermostRunId: run.outermostRunId }),
  path: command.path,
  ordinal: command.ordinal,
  generation: command.generation,
  connectionId: command.connectionId,
  ...(command.secrets && { secrets: command.secrets }),
  requestId: run.run.requestId,
  ...(run.run.traceparent && { traceparent: run.run.traceparent }),
  input: command.input,
  ...(command.evaluate && { evaluate: command.evaluate }),
  ...(command.reads && { reads: command.reads }),
  retry: command.options.retry,
  ...(command.begunAgain && { begunAgain: true }),
  ...(command.attemptsBefore === undefined ? {} : { attemptsBefore: command.attemptsBefore }),
});
