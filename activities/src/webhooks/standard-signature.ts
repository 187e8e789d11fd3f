import { createHash, createHmac, type Hmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Standard Webhooks (https://www.standardwebhooks.com, specification 1.0): HMAC-SHA256 over `id.timestamp.body`, in the
 * headers `webhook-id`, `webhook-timestamp` and `webhook-signature`.
 */
const toleranceSeconds = 300;
const prefix = 'whsec_';
const fewestSecretBytes = 24;

export type SignatureVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface SignedHeaders {
  /** Each header's values as they arrived: a repeated header is refused, since two readers could choose differently. */
  readonly id: readonly string[];
  readonly timestamp: readonly string[];
  readonly signature: readonly string[];
}

/** A signature whose body still comes. */
export interface SignatureCheck {
  readonly ok: true;
  /** What comes of the body, in order. */
  update(bytes: Uint8Array): void;
  /** Once the whole body has come. */
  verdict(): SignatureVerdict;
}

/**
 * Whether one of the secrets signs what is to come, within five minutes of now. Fails closed: without a usable secret
 * nothing passes.
 */
export const checkDelivery = (
  { id: ids, timestamp: timestamps, signature }: SignedHeaders,
  { secrets, now }: { readonly secrets: readonly string[]; readonly now: number },
): SignatureCheck | Extract<SignatureVerdict, { ok: false }> => {
  const keys = secrets.map(keyOf).filter((key) => key !== null);
  if (keys.length === 0) return refuse('The trigger has no signing secret.');
  const [id, timestamp, signatures] = [only(ids), only(timestamps), only(signature)];
  if (!id || !timestamp || !signatures) {
    return refuse('Send webhook-id, webhook-timestamp and webhook-signature, each once.');
  }
  if (!/^[\x21-\x7e]{1,255}$/.test(id) || id.includes('.')) return refuse('The webhook-id is not usable.');
  if (!/^\d{1,12}$/.test(timestamp)) return refuse('The webhook-timestamp is not a Unix time in seconds.');
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) {
    return refuse('The webhook-timestamp is more than five minutes away.');
  }
  const digests = keys.map((key) => beginSign(key, { id, timestamp }));
  return {
    ok: true,
    update: (bytes) => {
      for (const digest of digests) digest.update(bytes);
    },
    verdict: () => {
      const given = signatures.split(' ');
      const matches = digests.some((digest) => {
        const expected = `v1,${digest.digest('base64')}`;
        return given.some((each) => isEqual(each, expected));
      });
      return matches ? { ok: true } : refuse('No signature fits this body.');
    },
  };
};

/** The same of a body that is there as a whole. */
export const verifyDelivery = (
  { body, ...headers }: SignedHeaders & { readonly body: Uint8Array },
  given: { readonly secrets: readonly string[]; readonly now: number },
): SignatureVerdict => {
  const check = checkDelivery(headers, given);
  if (!check.ok) return check;
  check.update(body);
  return check.verdict();
};

/** Signs as a sender would: for tests and for outgoing webhooks. `timestamp` is Unix time in seconds. */
export const signDelivery = (secret: string, delivery: { id: string; timestamp: number; body: Uint8Array }): string => {
  const key = keyOf(secret);
  if (!key) throw new Error(`A signing secret is ${prefix} followed by at least ${fewestSecretBytes} bytes in base64.`);
  const { id, timestamp, body } = delivery;
  return `v1,${beginSign(key, { id, timestamp: String(timestamp) })
    .update(body)
    .digest('base64')}`;
};

/** A new secret as Standard Webhooks spells it. */
export const createSigningSecret = (): string => `${prefix}${randomBytes(32).toString('base64')}`;

const beginSign = (key: Buffer, { id, timestamp }: { readonly id: string; readonly timestamp: string }): Hmac =>
  createHmac('sha256', key).update(`${id}.${timestamp}.`);

const keyOf = (secret: string): Buffer | null => {
  if (!secret.startsWith(prefix)) return null;
  const key = Buffer.from(secret.slice(prefix.length), 'base64');
  return key.length >= fewestSecretBytes ? key : null;
};

/** Compares digests of the texts: equal lengths for any input, so neither time nor length says how close it was. */
const isEqual = (one: string, other: string): boolean =>
  timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());

const only = (values: readonly string[]): string | undefined => (values.length === 1 ? values[0] : undefined);

const refuse = (reason: string): Extract<SignatureVerdict, { ok: false }> => ({ ok: false, reason });
