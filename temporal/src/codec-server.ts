import type { Json } from '@everwave/schema/flow';
import type { Payload } from '@temporalio/common';
import { openPayload, sealOf } from './codec.ts';
import type { KeyRing } from './encryption/index.ts';

export { openPayload } from './codec.ts';

/** A payload as the Temporal UI and CLI send it to a codec endpoint: protobuf's JSON, bytes in base64. */
export interface PayloadJson {
  readonly metadata?: { readonly [key: string]: string };
  readonly data?: string;
}

export interface DecodeRequest {
  readonly ring: KeyRing;
  readonly payloads: readonly PayloadJson[];
  /** The orgs whose data the caller may read. */
  readonly mayRead: (orgId: string) => boolean;
  /** What is shown of a value. */
  readonly show?: (value: Json) => Json;
}

export interface DecodeReply {
  /** As many as were asked for, in the same order. What the caller may not read, or what does not open, comes back as it was. */
  readonly payloads: readonly PayloadJson[];
  /** Orgs of which something was opened, for the audit log. */
  readonly opened: readonly string[];
}

/** `POST /codec/decode`: for the person who is signed in, and only that. */
export const decodePayloads = async ({ ring, payloads, mayRead, show }: DecodeRequest): Promise<DecodeReply> => {
  const opened = new Set<string>();
  const decoded = payloads.map(async (json) => {
    const payload = fromJson(json);
    const seal = sealOf(payload);
    if (!seal || !mayRead(seal.orgId)) return json;
    const plain = await openPayload(ring, payload);
    if (!plain) return json;
    opened.add(seal.orgId);
    return toJson(show ? shownPayload(plain, show) : plain);
  });
  return { payloads: await Promise.all(decoded), opened: [...opened] };
};

/** Every value of a run is sealed as JSON. */
const shownPayload = (payload: Payload, show: (value: Json) => Json): Payload => {
  if ((payload.data?.length ?? 0) === 0) return payload;
  const data = JSON.stringify(show(JSON.parse(Buffer.from(payload.data ?? []).toString('utf8')) as Json));
  return { ...payload, data: Buffer.from(data, 'utf8') };
};

const fromJson = ({ metadata = {}, data = '' }: PayloadJson): Payload => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, Buffer.from(value, 'base64')])),
  data: Buffer.from(data, 'base64'),
});

const toJson = ({ metadata, data }: Payload): PayloadJson => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});
