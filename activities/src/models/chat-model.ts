import type { Json } from '@everwave/schema/flow';
import type { Usage } from './cost.ts';

/**
 * A language model that answers in turns, whoever sells it. An adapter streams inside, so that a cancellation cuts a
 * reply short and a long one shows signs of life; the caller sees the whole reply.
 */
export interface ChatModel {
  /**
   * Throws `ModelProblem` for what the vendor says in its own words, `AskedToWait` for a limit of rate, and what the
   * egress throws. Never retries, except for waiting out a short 429.
   */
  reply(request: ChatRequest): Promise<ChatReply>;
}

export interface ChatMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export type Effort = 'none' | 'low' | 'medium' | 'high';

export interface ChatRequest {
  readonly model: string;
  readonly system: string | null;
  /** Begins with a user's message and ends with one. */
  readonly messages: readonly ChatMessage[];
  readonly maxOutputTokens: number;
  readonly temperature?: number | undefined;
  /** How much the model reasons before it writes; the model's own default when absent. */
  readonly effort?: Effort | undefined;
  /** The reply has to be JSON that fits this JSON Schema. */
  readonly schema?: JsonSchemaObject | undefined;
  /** Whether the vendor can hold the model to the schema. False: it is asked to in words. */
  readonly enforceSchema?: boolean;
}

export type JsonSchemaObject = { readonly [keyword: string]: Json };

export interface ChatReply {
  /** The model that answered, as the vendor names it: often a dated version of the one that was asked. */
  readonly model: string;
  readonly text: string;
  /** `length`: the token limit, or the model's own, cut it short. */
  readonly finishReason: 'stop' | 'length';
  readonly usage: Usage;
  /** The server did not count, so we did, roughly. */
  readonly usageIsEstimated?: true;
}

/** What a vendor can answer instead of a reply. Nodes name their failures so. */
export type ModelProblemName =
  | 'refused'
  | 'context_too_long'
  | 'credential_refused'
  | 'unknown_model'
  | 'quota_exhausted'
  | 'invalid_request'
  | 'overloaded'
  | 'provider_error';

/** The vendor said no, or fell over. */
export class ModelProblem extends Error {
  override readonly name = 'ModelProblem';
  readonly problem: ModelProblemName;
  /** Tokens it charged for all the same. */
  readonly usage: Usage | null;
  /** A `Retry-After` header's value. */
  readonly retryAfter: string | null;
  constructor(
    problem: ModelProblemName,
    message: string,
    options: { readonly cause?: unknown; readonly usage?: Usage | null; readonly retryAfter?: string | null } = {},
  ) {
    super(message, { cause: options.cause });
    this.problem = problem;
    this.usage = options.usage ?? null;
    this.retryAfter = options.retryAfter ?? null;
  }
}
