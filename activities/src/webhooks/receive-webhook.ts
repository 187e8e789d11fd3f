import type { Json } from '@everwave/schema/flow';
import { toRecord } from '../runtime/safe-json.ts';
import { readBody, readFields } from './read-body.ts';
import { verifyDelivery } from './standard-signature.ts';

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
  | { readonly ok: false; readonly status: 400 | 401 | 415; readonly code: string; readonly message: string };

interface WebhookTrigger {
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

/**
 * Decides whether a request is a delivery of this trigger and reads it. Checks the signature before the body is even
 * parsed; a trigger that asks for one and has no secret refuses everything.
 */
export const receiveWebhook = (
  request: WebhookRequest,
  trigger: WebhookTrigger,
  { now }: { readonly now: number },
): Reception => {
  const headers = request.headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  const valuesOf = (name: string) => headers.filter(([other]) => other === name).map(([, value]) => value);

  if (trigger.signature === 'standard') {
    const verdict = verifyDelivery(
      {
        id: valuesOf('webhook-id'),
        timestamp: valuesOf('webhook-timestamp'),
        signature: valuesOf('webhook-signature'),
        body: request.body,
      },
      { secrets: trigger.secrets, now },
    );
    if (!verdict.ok) return { ok: false, status: 401, code: 'signature_invalid', message: verdict.reason };
  }

  const contentTypes = valuesOf('content-type');
  if (contentTypes.length > 1) {
    return { ok: false, status: 400, code: 'repeated_content_type', message: 'Send one content-type.' };
  }
  const reading = readBody(contentTypes[0], request.body);
  if (!reading.ok) return reading;

  // Only a signed id is the sender's word: another header could be changed to slip a replay past the dedupe.
  const idHeaders = trigger.signature === 'standard' ? ['webhook-id'] : deliveryIdHeaders;
  return {
    ok: true,
    deliveryId: idHeaders.flatMap(valuesOf).find((value) => /^[\x21-\x7e]{1,255}$/.test(value)) ?? null,
    data: {
      kind: 'trigger.webhook',
      method: request.method.toUpperCase(),
      headers: readableHeaders(headers),
      query: readFields(request.query),
      body: reading.body,
      receivedAt: new Date(now).toISOString(),
    },
  };
};

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
