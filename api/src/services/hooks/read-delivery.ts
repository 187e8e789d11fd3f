import {
  receiveWebhook,
  type Reception,
  type WebhookRequest,
  type WebhookTrigger,
} from '@everwave/activities/triggers';
import { additionalData } from '@everwave/temporal/encryption';
import type { AppDependencies } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { ReceivedDelivery } from './accept-delivery.ts';
import type { FoundTrigger } from './find-trigger.ts';

export type ReadDelivery = Omit<ReceivedDelivery, 'requestId'>;

/** Checks the signature, then reads the request. Throws what the sender is to be told. */
export const readDelivery = async (
  tools: Pick<AppDependencies, 'ring'>,
  trigger: FoundTrigger,
  request: WebhookRequest,
): Promise<ReadDelivery> => {
  const reception = receiveWebhook(request, await signingOf(tools, trigger), { now: Date.now() });
  return { ...toReadDelivery(reception), bytes: request.body.byteLength };
};

/** What a trigger asks of whoever sends. */
export const signingOf = async (
  { ring }: Pick<AppDependencies, 'ring'>,
  { id, orgId, signatureRequired, signingSecretSealed }: FoundTrigger,
): Promise<WebhookTrigger> => {
  const secret =
    signatureRequired && signingSecretSealed
      ? await ring.openJson<string>(orgId, signingSecretSealed, additionalData.triggerSecret(id))
      : null;
  return { signature: signatureRequired ? 'standard' : 'none', secrets: secret ? [secret] : [] };
};

export const toReadDelivery = (reception: Reception): ReadDelivery => {
  if (reception.ok) {
    const { deliveryId, data } = reception;
    return { deliveryId, data: { ...data }, bytes: Buffer.byteLength(JSON.stringify(data.body)) };
  }
  const { status, code, message } = reception;
  if (status === 401) throw problem('signature_invalid', message);
  if (status === 413) throw problem('body_too_large', message);
  if (status === 415) throw problem('unsupported_media_type', message);
  throw problem('delivery_unreadable', message, { errors: [{ path: '', message, code }] });
};
