import { toMilliseconds } from '@everwave/schema/interpreter';
import type { Plan } from '@everwave/schema/flow';
import {
  type ActivityResult,
  type ExpressEnd,
  expressLimits,
  leftLaneFailure,
  type LeftLaneDetails,
} from '@everwave/schema/run';
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import type { Happening } from './arrival.ts';
import type { Express } from './express-lane.ts';
import { toFailureEvent, toSuccess } from './outcome.ts';

/** What came of an express step, and the run's clock at that moment. */
export interface ExpressOutcome {
  readonly happening: Happening;
  readonly at: number;
}

type Begun = Pick<Express<unknown>, 'command' | 'begunAt'>;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export const toExpressSuccess = (plan: Plan, { command, begunAt }: Begun, result: unknown): ExpressOutcome => {
  const { express } = (result ?? {}) as Partial<ActivityResult>;
  return { happening: toSuccess(plan, command, result), at: begunAt + (isNumber(express?.took) ? express.took : 0) };
};

export const toExpressFailure = (plan: Plan, { command, begunAt }: Begun, error: unknown): ExpressOutcome => {
  const { path, ordinal, attemptsBefore = 0, options } = command;
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure && toMilliseconds(options.scheduleToCloseTimeout) > expressLimits.step) {
    const at = begunAt + expressLimits.step;
    const attempt = attemptsBefore + 1;
    return { happening: { type: 'stepLeftLane', path, ordinal, attempt, failed: false, until: at }, at };
  }
  const at = begunAt + tookOf(cause);
  const leaving = readLeaving(cause);
  if (!leaving) return { happening: toFailureEvent(plan, command, error), at };
  const { attempt, failure, wait } = leaving;
  const failed = failure !== undefined;
  return { happening: { type: 'stepLeftLane', path, ordinal, attempt, failed, until: at + wait }, at };
};

const readLeaving = (cause: unknown): LeftLaneDetails | null =>
  cause instanceof ApplicationFailure && cause.type === leftLaneFailure
    ? ((cause.details?.[0] ?? null) as LeftLaneDetails | null)
    : null;

const tookOf = (cause: unknown): number => {
  const end = cause instanceof ApplicationFailure ? (cause.details?.[1] as Partial<ExpressEnd> | undefined) : undefined;
  return isNumber(end?.took) ? end.took : 0;
};

/** Which step a marker speaks of: it says so, unless the SDK itself ended the step. */
export const endOf = (outcome: unknown): ExpressEnd | undefined =>
  outcome instanceof Error
    ? ((outcome instanceof ApplicationFailure ? outcome.details?.[1] : undefined) as ExpressEnd | undefined)
    : ((outcome ?? {}) as Partial<ActivityResult>).express;
