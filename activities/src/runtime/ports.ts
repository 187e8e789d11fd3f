import type { Duration, Json } from '@everwave/schema/flow';
import type { StepLimit } from '@everwave/schema/run';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

export type { Sandbox } from '../sandbox/sandbox.ts';

/**
 * What the activities need from outside, each as a small interface. The worker process hands in adapters (Postgres,
 * pino); tests hand in the ones of `../testing/`. Nothing in this package imports a database or a Temporal client.
 */
export interface ActivityDependencies {
  readonly connections: ConnectionStore;
  readonly variables: VariableStore;
  readonly limits: StepLimitStore;
  readonly effects: EffectLedger;
  readonly checkpoints: CheckpointStore;
  readonly meters: MeterStore;
  readonly events: EventOutbox;
  readonly values: ValueStore;
  readonly files: FileStore;
  readonly egress: EgressPolicy;
  readonly sandbox: Sandbox;
  /** Language models: defaults, limits and prices. */
  readonly models: ModelRegistry;
  readonly logger: Logger;
}

/** A connection with its secret opened. Lives in memory for one attempt only. */
export interface Connection {
  readonly id: string;
  /** Kind of its credential: `slack.bot`. */
  readonly kind: string;
  readonly name: string;
  readonly settings: { readonly [name: string]: Json };
  /** The opened secret fields. Every string in here is redacted from errors, logs and outputs. */
  readonly secret: { readonly [name: string]: Json };
}

export interface ConnectionStore {
  /** `null` when the org has no such connection. Another org's connection is no connection of this org. */
  find(orgId: string, connectionId: string): Promise<Connection | null>;
}

/** Variables of orgs, opened. Asked for the secret ones alone: a run brings the others. */
export interface VariableStore {
  /** `undefined` when the org has no such variable. */
  find(orgId: string, name: string): Promise<Json | undefined>;
}

/** A step for which limits are asked. */
export interface LimitedStep {
  readonly orgId: string;
  readonly flowId: string;
  readonly nodeId: string;
  readonly connectionId: string | null;
  /** Which step of which run: the same when it comes back. */
  readonly holder: string;
}

export interface SetLimit extends StepLimit {
  /** See `limitSubjects`. */
  readonly subject: string;
}

/** Why a step has no place. */
export interface FullLimit {
  readonly subject: string;
  readonly waitMs: number;
  /** Steps that wait for the same and came earlier. */
  readonly before: number;
}

/** Limits on how many steps are executed at once and how often they begin. */
export interface StepLimitStore {
  /** Those that hold for this step. What is set is kept in memory: for most steps nobody is asked. */
  find(step: LimitedStep): Promise<readonly SetLimit[]>;
  /** A place under all of these limits, or under none and a turn in their lines. null: the step has its places. */
  take(step: LimitedStep, limits: readonly SetLimit[]): Promise<FullLimit | null>;
  /** Gives the step's places back. Those of a worker that died run out by themselves. */
  release(step: LimitedStep): Promise<void>;
}

/** `intent`: nothing left yet. `sent`: bytes may have left, the answer is not known. `unsure`: a person must look. */
export type EffectState = 'intent' | 'sent' | 'confirmed' | 'failed' | 'unsure' | 'cancelled';

/** Names one effect: unique per org. */
export interface EffectId {
  readonly orgId: string;
  readonly effectKey: string;
}

export interface EffectIntent extends EffectId {
  readonly runId: string;
  readonly path: string;
  /** `slack.postMessage@1` */
  readonly activity: string;
  /** Hex sha256 of what is asked for. Same key with another hash is an error, never a second effect. */
  readonly requestHash: string;
  readonly ordinal: number;
}

export interface EffectRecord {
  readonly requestHash: string;
  readonly state: EffectState;
  /** How often the effect was sent: 0 while nothing has left. Compared and set by `markSent`. */
  readonly attempt: number;
  /** The step's ordinal when the state last changed. A higher one means that a person has asked for another try. */
  readonly ordinal: number;
  /** Present when `confirmed`. */
  readonly result?: Json;
  /** Unix ms. */
  readonly firstSentAt: number | null;
  /** Unix ms at which the provider may forget our key; `null` when it keeps none or keeps it for ever. */
  readonly keyExpiresAt: number | null;
  /** The ledger comes from a backup that is older than this run's end: it may have been sent, and that was lost. */
  readonly lost?: true;
}

/** Marks an effect as sent. */
export interface EffectClaim {
  readonly ordinal: number;
  /** Unix ms, now. */
  readonly at: number;
  readonly keyExpiresAt: number | null;
}

/** One row per thing done to the outside world. Every method has committed when its promise resolves. */
export interface EffectLedger {
  /**
   * Writes the effect's row unless it has one, and returns the row as it then stands. A new row is `intent` with
   * attempt 0, or, when a claim is given, at once `sent` with attempt 1: one commit instead of two.
   */
  begin(
    intent: EffectIntent,
    claim: EffectClaim | null,
  ): Promise<{ readonly created: boolean; readonly record: EffectRecord }>;
  /**
   * Called before the first byte leaves: state `sent`, attempt + 1, `ordinal` stored, `firstSentAt` and `keyExpiresAt`
   * set if they were null. Does nothing and returns false unless the row's attempt equals `seenAttempt` and it is
   * neither `confirmed` nor `cancelled`: another attempt went first.
   */
  markSent(effect: EffectId, claim: EffectClaim & { readonly seenAttempt: number }): Promise<boolean>;
  /** The effect happened. Wins over every other state, since it is the truth; a result already stored stays. */
  confirm(effect: EffectId, outcome: { readonly result: Json; readonly ordinal: number }): Promise<void>;
  /**
   * How an attempt ended otherwise. `intent`: surely nothing happened, free to send again. `failed`: refused for good.
   * `unsure`: it may have happened. Ignored when the row is `confirmed` or its attempt is no longer `attempt`.
   */
  settle(
    effect: EffectId,
    outcome: {
      readonly state: 'intent' | 'failed' | 'unsure';
      readonly attempt: number;
      readonly ordinal: number;
    },
  ): Promise<void>;
}

/** Results of `step.once`, kept for as long as the effect's row. */
export interface CheckpointStore {
  /** `undefined` when nothing is stored under this name. */
  find(effect: EffectId, name: string): Promise<Json | undefined>;
  /** Stores the value unless one is there, and returns the one that is stored: two racing attempts see the same. */
  save(effect: EffectId, name: string, value: Json): Promise<Json>;
}

/** What a kept value belongs to: a step of a run has one of each name. */
export interface ValueUse {
  readonly orgId: string;
  readonly runId: string;
  readonly path: string;
  readonly ordinal: number;
  /** `output`, or the field that was evaluated. */
  readonly name: string;
}

/** Values that are too large for a run's history, by the SHA-256 of their JSON as UTF-8. Each org has its own. */
export interface ValueStore {
  /** Stores a value, once however often it is kept. It stays as long as a run has it. Gives its hash, hexadecimal. */
  keep(use: ValueUse, json: Uint8Array): Promise<string>;
  /** A value that is stored is this step's too. False when the org has no such value. */
  adopt(use: ValueUse, sha256: string): Promise<boolean>;
  /** `null` when the org has no such value. */
  find(orgId: string, sha256: string): Promise<Uint8Array | null>;
}

/** A step of a run that has to do with a file. */
export interface FileUser {
  readonly orgId: string;
  readonly runId: string;
  /** The run itself, or that around all others: its files, and those of any run in it that made one, are open to all of them. */
  readonly outermostRunId: string;
  readonly path: string;
  readonly ordinal: number;
}

/** The content of files, by its SHA-256. Each org has its own. */
export interface FileStore {
  /** Stores what comes, without holding it in memory. A later attempt's file of the same `use.name` replaces the earlier. */
  keep(
    use: FileUser & { readonly name: string },
    file: { readonly name: string; readonly mediaType: string },
    content: AsyncIterable<Uint8Array>,
  ): Promise<{ readonly sha256: string; readonly bytes: number }>;
  /** `null` when the user's run, and the outermost one, have no such file, whoever else has it. */
  open(
    user: FileUser,
    sha256: string,
  ): Promise<{ readonly bytes: number; readonly content: AsyncIterable<Uint8Array> } | null>;
}

/** Something counted while a step ran: tokens, fees, bytes. Amounts are facts; prices live elsewhere. */
export interface MeterReading {
  readonly orgId: string;
  readonly flowId: string;
  readonly runId: string;
  readonly path: string;
  readonly ordinal: number;
  readonly attempt: number;
  /** Unix ms at which the attempt began: one that was asked to come back later has its number a second time. */
  readonly attemptAt: number;
  readonly activity: string;
  readonly meter: string;
  readonly unit: string;
  readonly amount: number;
}

export interface MeterStore {
  /** A failed attempt's readings count too: its tokens were spent. */
  record(readings: readonly MeterReading[]): Promise<void>;
}

/** An event that a step sends. `id` is the effect's key: the same event twice is one. */
export interface SentEvent {
  readonly orgId: string;
  readonly runId: string;
  readonly requestId: string | null;
  readonly id: string;
  readonly name: string;
  readonly correlationKey: string;
  readonly data: Json;
  readonly expiresIn: Duration;
}

/** Events for runs of the same org that wait for them, or will. */
export interface EventOutbox {
  /** Has committed when it resolves. What it says of an event that was sent before is that one's. */
  send(event: SentEvent): Promise<{ readonly receivedAt: string; readonly expiresAt: string }>;
}

/** A constant message, then attributes. Never inputs, outputs or secrets. */
export interface Logger {
  debug(message: string, attributes?: Readonly<Record<string, unknown>>): void;
  info(message: string, attributes?: Readonly<Record<string, unknown>>): void;
  warn(message: string, attributes?: Readonly<Record<string, unknown>>): void;
  error(message: string, attributes?: Readonly<Record<string, unknown>>): void;
}

/** Where the outside world ends. Public addresses are reachable; nothing else is, except what is listed here. */
export interface EgressPolicy {
  /** Exact `host:port` entries (`127.0.0.1:3006`, `crm.internal:443`, `[::1]:8080`) that may be private. */
  readonly allow: readonly string[];
}
