/** Every state a run can be in. `needs_attention`: parked at a step, waiting for a person. */
export const runStatuses = [
  'queued',
  'running',
  'waiting',
  'needs_attention',
  'succeeded',
  'failed',
  'cancelled',
  'superseded',
] as const;
export type RunStatus = (typeof runStatuses)[number];

/** Every state a step can be in. */
export const stepStatuses = [
  'pending',
  'running',
  'retrying',
  'waiting',
  'needs_attention',
  'succeeded',
  'skipped',
  'failed',
  'cancelled',
  'simulated',
] as const;
export type StepStatus = (typeof stepStatuses)[number];

export const closedRunStatuses = [
  'succeeded',
  'failed',
  'cancelled',
  'superseded',
] as const satisfies readonly RunStatus[];

export const isClosed = (status: RunStatus): boolean => (closedRunStatuses as readonly RunStatus[]).includes(status);

const settledStepStatuses: readonly StepStatus[] = ['succeeded', 'skipped', 'failed', 'cancelled', 'simulated'];

/** True of a step that nothing more comes of, unless a person schedules it again. */
export const isSettled = (status: StepStatus): boolean => settledStepStatuses.includes(status);

/** A failure as a person reads it: what happened, and what to do next. Never holds a secret or a raw reply. */
export interface Failure {
  /** Stable name, the one policies and error edges filter by: `channel_not_found`, `expression_failed`. */
  readonly name: string;
  readonly message: string;
  /** What a person should do about it, from the node's definition. */
  readonly advice?: string;
  /** The attempt in which it happened, from 1. */
  readonly attempt?: number;
  readonly stack?: string;
  /** True when the outside world may have been changed without our knowing: never repeat silently. */
  readonly unsure?: boolean;
}
