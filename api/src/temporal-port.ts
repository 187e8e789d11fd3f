import type {
  AnswerRequest,
  EventDelivery,
  MigrateRequest,
  ProbeInput,
  ProbeResult,
  RepairRequest,
  RunFlowInput,
  RunHostInput,
} from '@everwave/schema/run';
import type {
  AnswerResult,
  CancelResult,
  EventResult,
  MigrateResult,
  RepairAction,
  RepairResult,
  RunAddress,
} from '@everwave/temporal/runs';
import type { DesiredSchedule, FoundSchedule, ScheduleAddress } from '@everwave/temporal/schedules';
import type { TaskQueueState } from '@everwave/temporal/task-queues';

/**
 * Everything the API asks of Temporal. Each call throws when Temporal itself does not answer; refusals are values.
 * Tests use a stub; `connect-temporal.ts` has the real one.
 */
export interface TemporalPort {
  /** Starts the run's workflow. One that is there already, or was, counts as started; its run id is then unknown. */
  startRun(input: RunFlowInput): Promise<{ readonly temporalRunId: string | null }>;
  /** Starts a host, like `startRun`. */
  startHost(input: RunHostInput): Promise<{ readonly temporalRunId: string | null }>;
  repairRun(run: RunAddress, action: RepairAction, request: RepairRequest): Promise<RepairResult>;
  /** Brings an event to a step that waits for it; safe to repeat with the same delivery id. */
  deliverEvent(run: RunAddress, delivery: EventDelivery, deliveryId: string): Promise<EventResult>;
  answerApproval(run: RunAddress, request: AnswerRequest): Promise<AnswerResult>;
  /** Has a run go on under another version, or asks whether it could. */
  migrateRun(run: RunAddress, request: MigrateRequest): Promise<MigrateResult>;
  /** Works without a worker. */
  cancelRun(run: RunAddress): Promise<CancelResult>;
  /** Tries a connection from a worker, never from this process. */
  probe(input: ProbeInput): Promise<ProbeResult>;
  /** Has Temporal have this schedule, as it is here; safe to repeat. */
  putSchedule(desired: DesiredSchedule): Promise<void>;
  /** Safe to repeat. */
  removeSchedule(schedule: ScheduleAddress): Promise<void>;
  listSchedules(): Promise<readonly FoundSchedule[]>;
  /** When it fires next, also while it is paused; null while Temporal has no such schedule. */
  nextTimes(schedule: ScheduleAddress): Promise<readonly Date[] | null>;
  /** Every time within a span, both ends included; null while Temporal has no such schedule. */
  timesWithin(
    schedule: ScheduleAddress,
    span: { readonly from: Date; readonly to: Date },
  ): Promise<readonly Date[] | null>;
  /** Backlog and workers of every task queue we use. */
  taskQueues(): Promise<readonly TaskQueueState[]>;
  /** Resolves when the server answers. */
  check(): Promise<void>;
}
