import type { Json } from '@everwave/schema/flow';
import type * as z from 'zod';
import { implementNode, type Safety, type Step } from '../../../runtime/implement-node.ts';
import { send, type RestReply, type RestRequest } from '../../../runtime/rest-client.ts';
import { authorizationOf, isHome, resolveUrl } from '../client.ts';
import { httpRequest } from './definition.ts';

type Input = z.output<typeof httpRequest.input>;
type HttpStep = Step<typeof httpRequest>;

const keyHeader = 'Idempotency-Key';
/** RFC 9110: repeating these changes nothing more than sending them once. */
const repeatable = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'];
const withoutBody = ['GET', 'HEAD'];
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
    const reply = await send(step, url, requestOf(step, input));
    if (reply.status >= 400) throw failureOf(step, `${input.method} ${url.origin}${url.pathname}`, reply);
    return {
      status: reply.status,
      headers: { ...reply.headers },
      body: bodyOf(step, input, reply) as z.core.util.JSONType,
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

const requestOf = (step: HttpStep, input: Input): RestRequest => {
  const headers = new Map(Object.entries(input.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const encoded = encodeBody(step, input);
  if (encoded && !headers.has('content-type')) headers.set('content-type', encoded.contentType);
  if (!headers.has('accept')) headers.set('accept', 'application/json, text/*;q=0.9, */*;q=0.8');
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
    maximumBytes: largestAnswer,
  };
};

const encodeBody = (
  step: HttpStep,
  { method, bodyType, body }: Input,
): { body: string; contentType: string } | null => {
  if (body === undefined) return null;
  if (withoutBody.includes(method)) throw step.failure('invalid_body', { message: `${method} carries no body.` });
  switch (bodyType) {
    case 'json':
      return { body: JSON.stringify(body), contentType: 'application/json' };
    case 'text':
      if (typeof body === 'string') return { body, contentType: 'text/plain; charset=utf-8' };
      throw step.failure('invalid_body', { message: 'A text body is a string.' });
    case 'form': {
      const fields = formFields(body);
      if (!fields) throw step.failure('invalid_body', { message: 'A form body is an object of strings.' });
      return { body: new URLSearchParams(fields).toString(), contentType: 'application/x-www-form-urlencoded' };
    }
  }
};

/** Fields of a form; a list gives its name several times. */
const formFields = (body: Json): [string, string][] | null => {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return null;
  const fields: [string, string][] = [];
  for (const [name, value] of Object.entries(body)) {
    for (const item of Array.isArray(value) ? (value as readonly Json[]) : [value as Json]) {
      if (item === null || typeof item === 'object') return null;
      fields.push([name, String(item)]);
    }
  }
  return fields;
};

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
