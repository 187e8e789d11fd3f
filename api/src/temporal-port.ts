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
  /** Backlog and workers of every task queue we use. */
  taskQueues(): Promise<readonly TaskQueueState[]>;
  /** Resolves when the server answers. */
  check(): Promise<void>;
}
