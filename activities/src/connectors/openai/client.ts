import type OpenAI from 'openai';
import { ModelProblem } from '../../models/chat-model.ts';
import type { Usage } from '../../models/cost.ts';
import { createModelFetch } from '../../models/model-fetch.ts';
import { findOwnError, isOutOfMoney, toModelProblem } from '../../models/vendor-error.ts';
import type { OpenConnection } from '../../runtime/implement-node.ts';
import { ConnectionLost } from '../../runtime/node-errors.ts';
import type { Caller } from '../../runtime/rest-client.ts';
import type { openaiApi } from './credential.ts';

export type OpenAiConnection = OpenConnection<typeof openaiApi>;

/** The vendor's client without its own retries, environment variables and log; loaded by the first step that needs it. */
export const createOpenAiClient = async (caller: Caller, { settings, secret }: OpenAiConnection): Promise<OpenAI> => {
  const { default: Client } = await import('openai');
  return new Client({
    apiKey: secret.apiKey,
    adminAPIKey: null,
    baseURL: settings.baseUrl.replace(/\/+$/, ''),
    organization: settings.organization ?? null,
    project: settings.project ?? null,
    webhookSecret: null,
    maxRetries: 0,
    logLevel: 'off',
    fetch: createModelFetch({ egressFetch: caller.fetch, signal: caller.signal, isFinal: isOutOfMoney }),
  });
};

/** The library's error in our words. */
export const explainOpenAiError = async (error: unknown, usage: Usage | null = null): Promise<Error> => {
  const own = findOwnError(error);
  if (own) return own;
  const { APIError } = await import('openai');
  if (error instanceof APIError) {
    const body = error.error as { readonly message?: unknown } | undefined;
    if (error.status === undefined && body === undefined) {
      return new ConnectionLost(`The connection broke: ${error.message}`, { cause: error });
    }
    return toModelProblem(
      'The model server',
      {
        status: error.status,
        type: error.type ?? null,
        code: error.code ?? null,
        message: typeof body?.message === 'string' ? body.message : error.message,
        retryAfter: error.headers?.get('retry-after') ?? null,
      },
      { cause: error, usage },
    );
  }
  if (error instanceof SyntaxError) {
    return new ModelProblem('provider_error', 'The model server sent a stream that is not its API’s.', {
      cause: error,
      usage,
    });
  }
  return error instanceof Error ? error : new Error(String(error));
};
