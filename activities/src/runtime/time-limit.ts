import { CancelledFailure, type Context } from '@temporalio/activity';
import { CommonFailure } from './node-errors.ts';

/** The end of one attempt as a signal, and the heartbeat that lets a cancellation reach it. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  /** Throws once the attempt's time is over, by the clock: a process that was paused must not go on acting. */
  check(): void;
  /** An abort is told as what it was: out of time, or the worker going down. */
  explain(error: unknown): unknown;
  stop(): void;
}

/** We end an attempt ourselves, a little before Temporal would: so that what we know about the effect is recorded. */
const reserveMs = 1000;

export const startTimeLimit = (context: Context): TimeLimit => {
  const { startToCloseTimeoutMs, heartbeatTimeoutMs } = context.info;
  const availableMs =
    startToCloseTimeoutMs > 0 ? startToCloseTimeoutMs - Math.min(reserveMs, startToCloseTimeoutMs / 10) : null;
  let failure: CommonFailure | undefined;
  /** Built when it is needed: hardly any attempt runs out of time, and an error takes its stack with it. */
  const outOfTime = (): CommonFailure =>
    (failure ??= new CommonFailure('timed_out', `The step did not finish within ${startToCloseTimeoutMs} ms.`));
  const endsAt = availableMs === null ? null : Date.now() + availableMs;
  const controller = new AbortController();
  const timer = availableMs === null ? null : setTimeout(() => controller.abort(outOfTime()), availableMs);
  const heartbeat = heartbeatTimeoutMs
    ? setInterval(() => context.heartbeat(), Math.min(5000, heartbeatTimeoutMs / 3))
    : null;

  return {
    signal: AbortSignal.any([context.cancellationSignal, controller.signal]),
    check() {
      if (endsAt !== null && Date.now() >= endsAt) throw outOfTime();
    },
    explain(error) {
      if (controller.signal.aborted) return outOfTime();
      if (!context.cancellationSignal.aborted) return error;
      const reason: unknown = context.cancellationSignal.reason;
      const why = reason instanceof CancelledFailure ? reason.message : 'CANCELLED';
      return new CommonFailure('interrupted', `The attempt was interrupted (${why}).`, { cause: error });
    },
    stop() {
      if (timer) clearTimeout(timer);
      if (heartbeat) clearInterval(heartbeat);
    },
  };
};
