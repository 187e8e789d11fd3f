import { receiveWebhook, type WebhookRequest } from '@everwave/activities/triggers';
import { additionalData } from '@everwave/temporal/encryption';
import type { AppDependencies } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { ReceivedDelivery } from './accept-delivery.ts';
import type { FoundTrigger } from './find-trigger.ts';

/** Checks the signature, then reads the request. Throws what the sender is to be told. */
export const readDelivery = async (
  { ring }: Pick<AppDependencies, 'ring'>,
  trigger: FoundTrigger,
  request: WebhookRequest,
): Promise<Omit<ReceivedDelivery, 'requestId'>> => {
  const { id, orgId, signatureRequired, signingSecretSealed } = trigger;
  const secret =
    signatureRequired && signingSecretSealed
      ? await ring.openJson<string>(orgId, signingSecretSealed, additionalData.triggerSecret(id))
      : null;
  const reception = receiveWebhook(
    request,
    { signature: signatureRequired ? 'standard' : 'none', secrets: secret ? [secret] : [] },
    { now: Date.now() },
  );
  if (reception.ok) {
    return { deliveryId: reception.deliveryId, data: { ...reception.data }, bytes: request.body.byteLength };
  }
  const { status, code, message } = reception;
  if (status === 401) throw problem('signature_invalid', message);
  if (status === 415) throw problem('unsupported_media_type', message);
  throw problem('delivery_unreadable', message, { errors: [{ path: '', message, code }] });
};
