import type { Json } from '@everwave/schema/flow';
import type * as z from 'zod';
import { implementNode, type Safety, type Step } from '../../../runtime/implement-node.ts';
import { send, type RestReply, type RestRequest } from '../../../runtime/rest-client.ts';
import { authorizationOf, isHome, resolveUrl } from '../client.ts';
import { httpRequest } from './definition.ts';
import { encodeBody, type EncodedBody } from './encode-body.ts';
import { saveAnswer } from './save-answer.ts';

type Input = z.output<typeof httpRequest.input>;
type HttpStep = Step<typeof httpRequest>;

const keyHeader = 'Idempotency-Key';
/** RFC 9110: repeating these changes nothing more than sending them once. */
const repeatable = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'];
/** Bytes of an answer, which is held in memory. */
const largestAnswer = 64 * 1024 * 1024;

export const request = implementNode(httpRequest, {
  safetyOf({ method, duplicates }): Safety {
    if (repeatable.includes(method)) return { by: 'nature' };
    switch (duplicates) {
      case 'key':
        return { by: 'provider-key', sentAs: keyHeader, keyLife: '24h' };
      case 'at-least-once':
        return { by: 'at-least-once' };
      case 'at-most-once':
        return httpRequest.idempotency;
    }
  },

  async run(step, input) {
    const url = targetOf(step, input);
    const asked = requestOf(step, input, await encodeBody(step, input));
    const reply = await (input.responseType === 'file' ? saveAnswer(step, input, url, asked) : send(step, url, asked));
    const isSaved = 'file' in reply;
    if (!isSaved && reply.status >= 400) {
      throw failureOf(step, `${input.method} ${url.origin}${url.pathname}`, reply);
    }
    return {
      status: reply.status,
      headers: { ...reply.headers },
      body: isSaved ? null : (bodyOf(step, input, reply) as z.core.util.JSONType),
      ...(isSaved && { file: reply.file }),
      possiblyRepeated: step.repeats,
    };
  },
});

const targetOf = (step: HttpStep, input: Input): URL => {
  const url = resolveUrl(input.url, step.connection);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw step.failure('invalid_url', { message: `"${input.url}" is no http address.` });
  }
  if (step.connection && !isHome(url, step.connection)) {
    throw step.failure('other_host', {
      message: `The connection is for ${new URL(step.connection.settings.baseUrl).origin}; the request goes to ${url.origin}.`,
    });
  }
  for (const [name, value] of Object.entries(input.query)) {
    for (const item of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(item));
  }
  return url;
};

const requestOf = (step: HttpStep, input: Input, encoded: EncodedBody | null): RestRequest => {
  const headers = new Map(Object.entries(input.headers).map(([name, value]) => [name.toLowerCase(), value]));
  if (encoded?.bytes !== undefined) headers.set('content-length', String(encoded.bytes));
  if (encoded && (encoded.ownType || !headers.has('content-type'))) headers.set('content-type', encoded.contentType);
  if (!headers.has('accept')) headers.set('accept', acceptedBy(input));
  if (!headers.has('user-agent')) headers.set('user-agent', 'Everwave');
  if (!repeatable.includes(input.method)) headers.set(keyHeader.toLowerCase(), step.idempotencyKey);
  const authorization = step.connection && authorizationOf(step.connection);
  if (authorization) headers.set(authorization.name, authorization.value);
  return {
    method: input.method,
    headers: [...headers],
    body: encoded?.body ?? null,
    followRedirects: input.followRedirects,
    credentialHeaders: authorization ? [authorization.name] : [],
    timeoutMs: input.timeoutSeconds * 1000,
    // A file is counted where it is stored.
    maximumBytes: input.responseType === 'file' ? Infinity : largestAnswer,
  };
};

const acceptedBy = ({ responseType }: Input): string =>
  responseType === 'file' ? '*/*' : 'application/json, text/*;q=0.9, */*;q=0.8';

const bodyOf = (step: HttpStep, { method, responseType }: Input, reply: RestReply): Json => {
  if (method === 'HEAD' || reply.text === '') return null;
  if (responseType === 'text') return reply.text;
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(reply.headers['content-type'] ?? '');
  if (responseType === 'auto' && !isJson) return reply.text;
  const json = reply.json();
  if (json !== undefined) return json;
  if (responseType === 'auto') return reply.text;
  throw step.failure('not_json', {
    message: `The answer (${reply.status}, ${reply.headers['content-type'] ?? 'no content type'}) is not JSON.`,
    mayHaveHappened: true,
  });
};

const failureOf = (step: HttpStep, what: string, reply: RestReply): Error => {
  const reason = reasonOf(reply);
  const message = `${what} answered ${reply.status}${reason ? `: ${reason}` : ''}.`;
  switch (reply.status) {
    case 400:
      return step.failure('bad_request', { message });
    case 401:
      return step.failure('unauthorized', { message });
    case 403:
      return step.failure('forbidden', { message });
    case 404:
      return step.failure('not_found', { message });
    case 408:
      return step.failure('request_timeout', { message, mayHaveHappened: true });
    case 409:
      return step.failure('conflict', { message });
    case 422:
      return step.failure('unprocessable', { message });
    default:
      if (reply.status < 500) return step.failure('client_error', { message });
      return step.failure('server_error', {
        message,
        mayHaveHappened: true,
        retryAfter: reply.headers['retry-after'] ?? null,
      });
  }
};

/** The one sentence with which many services explain an error; never the raw reply. */
const reasonOf = (reply: RestReply): string | null => {
  const json = reply.json();
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return null;
  const fields = json as { readonly [name: string]: Json };
  const nested = fields['error'];
  const candidates = [
    fields['detail'],
    fields['message'],
    fields['error_description'],
    nested !== null && typeof nested === 'object' && 'message' in nested ? nested['message'] : nested,
    fields['title'],
  ];
  const reason = candidates.find((candidate): candidate is string => typeof candidate === 'string' && candidate !== '');
  return reason?.replaceAll(/\s+/g, ' ').replace(/\.$/, '') ?? null;
};
