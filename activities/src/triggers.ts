export {
  receiveWebhook,
  type Reception,
  type WebhookDelivery,
  type WebhookRequest,
} from './webhooks/receive-webhook.ts';
export { createSigningSecret, signDelivery } from './webhooks/standard-signature.ts';
