import type { Json } from '@everwave/schema/flow';
import { toRecord } from '../runtime/safe-json.ts';
import { readBody, readFields } from './read-body.ts';
import { type SignedHeaders, verifyDelivery } from './standard-signature.ts';

/** A request to a hook's address, as it arrived. */
export interface WebhookRequest {
  readonly method: string;
  /** Name and value of each header line, repeated ones apart. Node: pairs of `rawHeaders`. */
  readonly headers: readonly (readonly [string, string])[];
  readonly query: URLSearchParams;
  /** The raw bytes: a signature is over these, never over something parsed and written again. */
  readonly body: Uint8Array;
}

/** What expressions read as `trigger`. */
export interface WebhookDelivery {
  readonly kind: 'trigger.webhook';
  readonly method: string;
  /** Lower-case names; without secrets and without what belongs to the connection. */
  readonly headers: { readonly [name: string]: string };
  readonly query: { readonly [name: string]: string | readonly string[] };
  readonly body: Json;
  /** ISO 8601. */
  readonly receivedAt: string;
}

export type Reception =
  | {
      readonly ok: true;
      /** The sender's name for this delivery, for dedupe; `null` when it gave none. */
      readonly deliveryId: string | null;
      readonly data: WebhookDelivery;
    }
  | RefusedDelivery;

export interface RefusedDelivery {
  readonly ok: false;
  readonly status: 400 | 401 | 413 | 415;
  readonly code: string;
  readonly message: string;
}

export interface WebhookTrigger {
  readonly signature: 'none' | 'standard';
  /** `whsec_…`; two while one replaces the other. */
  readonly secrets: readonly string[];
}

/** Headers in which senders name a delivery, in the order they are asked. */
const deliveryIdHeaders = [
  'webhook-id',
  'idempotency-key',
  'x-github-delivery',
  'x-gitlab-event-uuid',
  'x-shopify-webhook-id',
  'svix-id',
  'ce-id',
];

const connectionHeaders = [
  'connection',
  'content-length',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
];
const secretHeader = /auth|cookie|token|secret|password|passwd|api-?key|signature|session|credential|jwt|hmac/;

/** A request whose body is not read yet. */
export type WebhookHead = Omit<WebhookRequest, 'body'>;

/**
 * Decides whether a request is a delivery of this trigger and reads it. Checks the signature before the body is even
 * parsed; a trigger that asks for one and has no secret refuses everything.
 */
export const receiveWebhook = (
  request: WebhookRequest,
  trigger: WebhookTrigger,
  { now }: { readonly now: number },
): Reception => {
  if (trigger.signature === 'standard') {
    const signed = { ...signedHeadersOf(request), body: request.body };
    const verdict = verifyDelivery(signed, { secrets: trigger.secrets, now });
    if (!verdict.ok) return unsigned(verdict.reason);
  }
  const contentTypes = valuesOf(request, 'content-type');
  if (contentTypes.length > 1) return repeatedContentType;
  const reading = readBody(contentTypes[0], request.body);
  return reading.ok ? toReception(request, trigger, { now, body: reading.body }) : reading;
};

export const signedHeadersOf = (request: WebhookHead): SignedHeaders => ({
  id: valuesOf(request, 'webhook-id'),
  timestamp: valuesOf(request, 'webhook-timestamp'),
  signature: valuesOf(request, 'webhook-signature'),
});

export const unsigned = (message: string): RefusedDelivery => ({
  ok: false,
  status: 401,
  code: 'signature_invalid',
  message,
});

export const repeatedContentType: RefusedDelivery = {
  ok: false,
  status: 400,
  code: 'repeated_content_type',
  message: 'Send one content-type.',
};

/** What of a request becomes the run's trigger. */
export const toReception = (
  request: WebhookHead,
  { signature }: WebhookTrigger,
  { now, body }: { readonly now: number; readonly body: Json },
): Reception => {
  // Only a signed id is the sender's word: another header could be changed to slip a replay past the dedupe.
  const idHeaders = signature === 'standard' ? ['webhook-id'] : deliveryIdHeaders;
  const ids = idHeaders.flatMap((name) => valuesOf(request, name));
  return {
    ok: true,
    deliveryId: ids.find((value) => /^[\x21-\x7e]{1,255}$/.test(value)) ?? null,
    data: {
      kind: 'trigger.webhook',
      method: request.method.toUpperCase(),
      headers: readableHeaders(request.headers.map(([name, value]) => [name.toLowerCase(), value] as const)),
      query: readFields(request.query),
      body,
      receivedAt: new Date(now).toISOString(),
    },
  };
};

/** Of each line with this name, apart. */
export const valuesOf = ({ headers }: Pick<WebhookHead, 'headers'>, name: string): readonly string[] =>
  headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);

const readableHeaders = (headers: readonly (readonly [string, string])[]): { readonly [name: string]: string } => {
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    if (connectionHeaders.includes(name) || name.startsWith('proxy-') || name.startsWith('x-forwarded-')) continue;
    if (secretHeader.test(name)) continue;
    const earlier = joined.get(name);
    joined.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return toRecord(joined);
};
