import { unsealedMarker } from '@everwave/schema/run';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { additionalData, BrokenSeal, keyVersionOf, type KeyRing } from './encryption/index.ts';

// The package is CommonJS whose names Node cannot see from outside.
const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

const sealedEncoding = 'binary/encrypted';
/** Metadata of a sealed payload. Plain text in Temporal: ids only. */
const metadataKeys = { encoding: 'encoding', keyId: 'encryption-key-id', workflow: 'everwave-workflow-id' } as const;

const toBytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const readMetadata = (payload: Payload, key: string): string | null => {
  const value = payload.metadata?.[key];
  return value ? Buffer.from(value).toString('utf8') : null;
};

/** The org in a workflow id of ours, `t/<org>/…`; null for any other id. */
export const orgOfWorkflow = (workflowId: string): string | null =>
  /^t\/(org_[0-9a-f]{32})\//.exec(workflowId)?.[1] ?? null;

/** The org and workflow that a payload says it was sealed for; null when it is not sealed. Not yet verified: opening it does. */
export const sealOf = (payload: Payload): { readonly orgId: string; readonly workflowId: string } | null => {
  if (readMetadata(payload, metadataKeys.encoding) !== sealedEncoding) return null;
  const workflowId = readMetadata(payload, metadataKeys.workflow);
  const orgId = workflowId && orgOfWorkflow(workflowId);
  return orgId ? { orgId, workflowId } : null;
};

/** Seals a payload with the key of the workflow's org, and to the workflow: it cannot be copied into another run. */
export const sealPayload = async (ring: KeyRing, workflowId: string, payload: Payload): Promise<Payload> => {
  const orgId = orgOfWorkflow(workflowId);
  if (!orgId) {
    throw new Error(`The workflow id ${workflowId} names no org, so there is no key to seal its payloads with.`);
  }
  const plaintext = PayloadMessage.encode(payload).finish();
  const data = await ring.seal(orgId, plaintext, additionalData.temporalPayload(workflowId));
  return {
    metadata: {
      [metadataKeys.encoding]: toBytes(sealedEncoding),
      [metadataKeys.keyId]: toBytes(`${orgId}/${keyVersionOf(data)}`),
      [metadataKeys.workflow]: toBytes(workflowId),
    },
    data,
  };
};

/** Returns null when the payload is not sealed, was changed, or was sealed for another workflow than `expected`. */
export const openPayload = async (ring: KeyRing, payload: Payload, expected?: string): Promise<Payload | null> => {
  const seal = sealOf(payload);
  if (!seal || (expected !== undefined && seal.workflowId !== expected)) return null;
  try {
    const { orgId, workflowId } = seal;
    const plaintext = await ring.open(
      orgId,
      payload.data ?? new Uint8Array(),
      additionalData.temporalPayload(workflowId),
    );
    return PayloadMessage.decode(plaintext);
  } catch (error) {
    if (error instanceof BrokenSeal) return null;
    throw error;
  }
};

const jsonPayload = (value: unknown): Payload => ({
  metadata: { [metadataKeys.encoding]: toBytes('json/plain') },
  data: toBytes(JSON.stringify(value)),
});

/** Stands for a value that reached us without our seal. Whoever reads it refuses the message it came with. */
const unsealed = jsonPayload({ [unsealedMarker]: true });

/** Stands for a value that may not leave in plain text and has no key. Shaped as the attributes of a failure, which is what it nearly always replaces. */
const withheld = jsonPayload({
  message: 'Withheld: no encryption key belongs to this message. The log of the process that sent it has the text.',
  stack_trace: '',
});

const isFailureAttributes = (payload: Payload): boolean => {
  if (readMetadata(payload, metadataKeys.encoding) !== 'json/plain') return false;
  const value: unknown = JSON.parse(Buffer.from(payload.data ?? []).toString('utf8'));
  return typeof value === 'object' && value !== null && Object.keys(value).toSorted().join() === 'message,stack_trace';
};

export interface PayloadCodecOptions {
  readonly ring: KeyRing;
  /**
   * What to do with a payload that belongs to no org. A client refuses to send it. A worker withholds it: the SDK seals
   * the failure of a workflow task without saying which workflow it is of, and an error there would end the worker.
   */
  readonly withoutOrg: 'refuse' | 'withhold';
}

/**
 * Everything in history is sealed (AES-256-GCM) with the org's data key, found by the workflow id in the SDK's
 * serialization context. A payload that does not open comes out as `{ [unsealedMarker]: true }`, never as plain text and
 * never as an error: an error would fail the workflow task for ever.
 */
export const createPayloadCodec = ({ ring, withoutOrg }: PayloadCodecOptions): PayloadCodec => {
  const seal = async (payload: Payload, workflowId: string | undefined): Promise<Payload> => {
    if (withoutOrg === 'withhold' && !(workflowId && orgOfWorkflow(workflowId))) return withheld;
    try {
      return await sealPayload(ring, workflowId ?? '(none)', payload);
    } catch (error) {
      // The key cannot be fetched. An activity's error text may be lost over that (the log has it); a value may not.
      if (withoutOrg === 'withhold' && isFailureAttributes(payload)) return withheld;
      throw error;
    }
  };
  return {
    encode: (payloads, context) => Promise.all(payloads.map((payload) => seal(payload, context?.workflowId))),
    decode: (payloads, context) =>
      Promise.all(payloads.map(async (payload) => (await openPayload(ring, payload, context?.workflowId)) ?? unsealed)),
  };
};
