/**
 * The errors an attempt can end with, before they are told to Temporal. What each says about the effect is the point:
 * a refusal means that nothing was done, everything else leaves it open.
 */

/** The attempt ended with a failure that the node's definition names. Built by `step.failure`. */
export class NodeFailure extends Error {
  override readonly name = 'NodeFailure';
  readonly failure: string;
  readonly retryAfterMs: number | null;
  readonly mayHaveHappened: boolean;
  constructor(
    failure: string,
    message: string,
    options: { cause?: unknown; retryAfterMs: number | null; mayHaveHappened: boolean },
  ) {
    super(message, { cause: options.cause });
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs;
    this.mayHaveHappened = options.mayHaveHappened;
  }
}

/** Nobody can tell whether the effect happened: a person has to look. Built by `step.unsure`. */
export class UnsureEffect extends Error {
  override readonly name = 'UnsureEffect';
}

/** The attempt failed, and this one or an earlier one may have had the effect. The cause says how it failed. */
export class DoubtfulAttempt extends Error {
  override readonly name = 'DoubtfulAttempt';
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** The other side asked us to come back later: no attempt is spent. */
export class AskedToWait extends Error {
  override readonly name = 'AskedToWait';
  readonly waitMs: number;
  constructor(message: string, waitMs: number) {
    super(message);
    this.waitMs = waitMs;
  }
}

/** A limit of ours has no place for the step now. Nothing was sent, and no attempt is spent. */
export class NoPlace extends Error {
  override readonly name = 'NoPlace';
  readonly waitMs: number;
  constructor(message: string, waitMs: number) {
    super(message);
    this.waitMs = waitMs;
  }
}

/**
 * What the platform itself keeps (connections, ledger, checkpoints) could not be reached: no attempt is spent on that.
 * It says nothing about the effect: only the ledger does.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The address is private, local, or a machine's metadata service. Nothing was sent, and trying again changes nothing. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** No connection came about, so nothing was sent. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
}

/** The connection broke or stayed silent after we had begun to speak: the other side may have acted. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** The answer is larger than we accept. */
export class ReplyTooLarge extends Error {
  override readonly name = 'ReplyTooLarge';
}

/** An effect that must not be repeated was about to happen where a dead worker means a repeat. Nothing was sent. */
export class NotForExpress extends Error {
  override readonly name = 'NotForExpress';
}

/** A failure every node can end with, named in `common-failures.ts`. */
export class CommonFailure extends Error {
  override readonly name = 'CommonFailure';
  readonly failure: CommonFailureName;
  constructor(failure: CommonFailureName, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.failure = failure;
  }
}

export type CommonFailureName =
  | 'invalid_input'
  | 'invalid_output'
  | 'value_too_large'
  | 'value_missing'
  | 'file_too_large'
  | 'file_missing'
  | 'expression_failed'
  | 'variable_missing'
  | 'connection_missing'
  | 'connection_not_found'
  | 'connection_invalid'
  | 'address_refused'
  | 'unreachable'
  | 'connection_lost'
  | 'timed_out'
  | 'interrupted'
  | 'attempt_overtaken'
  | 'effect_conflict'
  | 'effect_unsure'
  | 'unexpected';
