import {
  AddressRefused,
  AskedToWait,
  CommonFailure,
  ConnectionLost,
  NotConnected,
  ReplyTooLarge,
} from '../runtime/node-errors.ts';
import { ModelProblem, type ModelProblemName } from './chat-model.ts';
import type { Usage } from './cost.ts';

/** What a vendor's error reply says, out of its library's own class. */
export interface VendorError {
  /** Absent when the error came in the middle of a stream. */
  readonly status: number | undefined;
  /** `invalid_request_error`, `overloaded_error` … */
  readonly type: string | null;
  /** `context_length_exceeded`, `insufficient_quota` … */
  readonly code: string | null;
  readonly message: string;
  readonly retryAfter: string | null;
}

const tooLong =
  /context[ _](length|window)|maximum context|prompt is too long|too many (input )?tokens|reduce the length/i;
const outOfMoney = /insufficient_quota|billing|credit balance|exceeded your current quota|payment required/i;
const noSuchModel = /model_not_found|model[^.]{0,80}(does not exist|not found|not exist|not supported)/i;
const refusal = /content_policy|content_filter|content management policy|safety system/i;

/** True when waiting does not heal a 429: the account is out of money. */
export const isOutOfMoney = (text: string): boolean => /insufficient_quota|billing_hard_limit/i.test(text);

export const toModelProblem = (
  vendor: string,
  error: VendorError,
  options: { readonly cause: unknown; readonly usage?: Usage | null },
): ModelProblem => {
  const status = error.status === undefined ? '' : ` (${error.status})`;
  const message = `${vendor} answered${status}: ${error.message.replaceAll(/\s+/g, ' ').trim() || 'no reason given'}`;
  return new ModelProblem(nameOf(error), message, {
    cause: options.cause,
    usage: options.usage ?? null,
    retryAfter: error.retryAfter,
  });
};

const nameOf = ({ status, type, code, message }: VendorError): ModelProblemName => {
  const said = `${type ?? ''} ${code ?? ''} ${message}`;
  if (status === 529 || status === 503 || /overloaded/.test(type ?? '')) return 'overloaded';
  if (status !== undefined && status >= 500) return 'provider_error';
  if (status === 401 || status === 403) return 'credential_refused';
  if (status === 402 || status === 429 || outOfMoney.test(said)) return 'quota_exhausted';
  if (status === 408 || status === 409) return 'provider_error';
  if (status === 413 || tooLong.test(said)) return 'context_too_long';
  if (noSuchModel.test(said) || (status === 404 && /model/i.test(said))) return 'unknown_model';
  if (refusal.test(said)) return 'refused';
  // In the middle of a stream no status says whose fault it is.
  if (status === undefined)
    return type === 'rate_limit_error' || code === 'rate_limit_exceeded' ? 'overloaded' : 'provider_error';
  return 'invalid_request';
};

/** The error of ours that a vendor's library has wrapped, or `null`: refusals and losses of the network keep their meaning. */
export const findOwnError = (error: unknown): Error | null => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ModelProblem || ownErrors.some((kind) => cause instanceof kind)) return cause;
  }
  return null;
};

const ownErrors = [AddressRefused, AskedToWait, CommonFailure, ConnectionLost, NotConnected, ReplyTooLarge];
