import type Anthropic from '@anthropic-ai/sdk';
import { ModelProblem } from '../../models/chat-model.ts';
import type { Usage } from '../../models/cost.ts';
import { createModelFetch } from '../../models/model-fetch.ts';
import { findOwnError, isOutOfMoney, toModelProblem } from '../../models/vendor-error.ts';
import type { OpenConnection } from '../../runtime/implement-node.ts';
import { ConnectionLost } from '../../runtime/node-errors.ts';
import type { Caller } from '../../runtime/rest-client.ts';
import type { anthropicApi } from './credential.ts';

export type AnthropicConnection = OpenConnection<typeof anthropicApi>;

/**
 * The vendor's client without its own retries, environment variables, log and traces (they may hold prompts); loaded by
 * the first step that needs it.
 */
export const createAnthropicClient = async (
  caller: Caller,
  { settings, secret }: AnthropicConnection,
): Promise<Anthropic> => {
  const { default: Client } = await import('@anthropic-ai/sdk');
  return new Client({
    apiKey: secret.apiKey,
    authToken: null,
    webhookKey: null,
    baseURL: settings.baseUrl.replace(/\/+$/, ''),
    maxRetries: 0,
    logLevel: 'off',
    openTelemetry: false,
    fetch: createModelFetch({ egressFetch: caller.fetch, signal: caller.signal, isFinal: isOutOfMoney }),
  });
};

/** The library's error in our words. */
export const explainAnthropicError = async (error: unknown, usage: Usage | null = null): Promise<Error> => {
  const own = findOwnError(error);
  if (own) return own;
  const { APIError } = await import('@anthropic-ai/sdk');
  if (error instanceof APIError) {
    if (error.status === undefined && error.error === undefined) {
      return new ConnectionLost(`The connection broke: ${error.message}`, { cause: error });
    }
    return toModelProblem(
      'Anthropic',
      {
        status: error.status,
        type: error.type,
        code: error.errorCode,
        message: error.apiMessage ?? error.message,
        retryAfter: error.headers?.get('retry-after') ?? null,
      },
      { cause: error, usage },
    );
  }
  if (error instanceof SyntaxError) {
    return new ModelProblem('provider_error', 'Anthropic sent a stream that is not its API’s.', {
      cause: error,
      usage,
    });
  }
  return error instanceof Error ? error : new Error(String(error));
};
