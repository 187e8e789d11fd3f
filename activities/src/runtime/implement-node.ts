import type { AnyNodeDefinition, CredentialDefinition, Idempotency } from '@everwave/schema/node';
import type * as z from 'zod';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { Egress, EgressFetch } from './egress.ts';
import type { EventOutbox, Logger, Sandbox, SentEvent } from './ports.ts';
import type { StepFiles } from './step-files.ts';

/** A connection as a node sees it: parsed by its credential's definition. */
export interface OpenConnection<Credential extends CredentialDefinition> {
  readonly settings: z.output<Credential['settings']>;
  readonly secret: z.output<Credential['secret']>;
}

type ConnectionOf<D extends AnyNodeDefinition> =
  | OpenedFor<D['credential']>
  | (D extends { readonly credentialOptional?: infer Optional }
      ? [Optional] extends [false | undefined]
        ? never
        : null
      : never);

type OpenedFor<Credential> = Credential extends CredentialDefinition ? OpenConnection<Credential> : null;

type SandboxArguments = Parameters<Sandbox['run']>;
/** A program and what it reaches; the organisation and the signal are the attempt's. */
export type RunInSandbox = (program: SandboxArguments[1], handlers: SandboxArguments[2]) => ReturnType<Sandbox['run']>;

export interface FailureOptions {
  /** What happened, for people. Default: the node's title and the failure's name. Secrets are removed from it. */
  readonly message?: string;
  readonly cause?: unknown;
  /** Value of a `Retry-After` header, or milliseconds: the next attempt waits at least so long. */
  readonly retryAfter?: string | number | null;
  /** True when the other side may have acted although it did not say so. Default false: a refusal. */
  readonly mayHaveHappened?: boolean;
}

/** What a node's code has in its hands during one attempt. */
export interface Step<D extends AnyNodeDefinition> {
  /** The effect key: the same through retries, crashes and redelivery, so that a vendor can recognise a repeat. */
  readonly idempotencyKey: string;
  /** From 1. */
  readonly attempt: number;
  /** True when an earlier attempt may already have had the effect and this one was allowed to act again. */
  readonly repeats: boolean;
  /** When the effect was first sent, Unix ms; `null` when it never was. Bounds a look-up. */
  readonly firstSentAt: number | null;
  /** Settings and secret, parsed; `null` for a node without a connection. */
  readonly connection: ConnectionOf<D>;
  /** Cancellation, worker shutdown and the attempt's time limit. */
  readonly signal: AbortSignal;
  /** Reaches public addresses only; never retries; bounds the answer's size; follows no redirect unless told to. */
  readonly fetch: EgressFetch;
  /** For sockets that are not HTTP. */
  readonly egress: Egress;
  readonly log: Logger;
  /** Runs an author's code in a process that serves this organisation alone, until the attempt's signal at most. */
  readonly runInSandbox: RunInSandbox;
  /** What the models file says. */
  readonly models: ModelRegistry;
  /** Sends an event to runs of the same org. The effect key is its id: one step sends one. */
  sendEvent(event: Pick<SentEvent, 'name' | 'correlationKey' | 'data' | 'expiresIn'>): ReturnType<EventOutbox['send']>;
  /** Stores files, and opens those of the run. */
  readonly files: StepFiles;
  heartbeat(): void;
  /**
   * Announces that the next bytes are the effect. Commits before it returns. Only for implementations with
   * `announcesSending`; for the others it has happened before `run`.
   */
  sending(): Promise<void>;
  /** Runs `make` at most once per step and stores its result before returning it. */
  once<T extends object>(name: string, make: () => Promise<T>): Promise<T>;
  /** Counts something. Several calls with one name add up. */
  meter(name: keyof D['meters'] & string, amount: number): void;
  /** Builds the error for a failure the definition names; the caller throws it. */
  failure(name: keyof D['failures'] & string, options?: FailureOptions): Error;
  /** Builds the error for an effect nobody can be sure of; the caller throws it. It parks the step. */
  unsure(message: string, options?: { readonly cause?: unknown }): Error;
}

/** How one step avoids a second effect: the definition's way, or the builder's choice where the definition leaves it open. */
export type Safety =
  | Idempotency
  /** The builder accepts a double: an unsure effect is sent again, and `step.repeats` says so. */
  | { readonly by: 'at-least-once' };

export interface NodeBody<D extends AnyNodeDefinition> {
  run(step: Step<D>, input: z.output<D['input']>): Promise<z.input<D['output']>>;
  /** Only where the input decides (an HTTP method). Without it the definition's `idempotency` holds. */
  safetyOf?(input: z.output<D['input']>): Safety;
  /** True when `run` calls `step.sending()` itself, because much can fail before the effect. */
  readonly announcesSending?: true;
}

export interface LookupBody<D extends AnyNodeDefinition> {
  /** The earlier effect's output, or `null` when surely there is none. Throws `step.unsure(…)` when it cannot tell. */
  findEarlier(step: Step<D>, input: z.output<D['input']>): Promise<z.input<D['output']> | null>;
}

export type NodeBodyOf<D extends AnyNodeDefinition> = NodeBody<D> &
  (D['idempotency'] extends { readonly by: 'lookup' } ? LookupBody<D> : unknown);

export type NodeImplementation<D extends AnyNodeDefinition = AnyNodeDefinition> = NodeBody<D> &
  Partial<LookupBody<D>> & { readonly definition: D };

/** Ties an effect to its contract: names of failures and meters, input and output are checked against the definition. */
export const implementNode = <const D extends AnyNodeDefinition>(
  definition: D,
  body: NodeBodyOf<D>,
): NodeBodyOf<D> & { readonly definition: D } => ({ ...body, definition });
