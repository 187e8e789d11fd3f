export { type FormRequest, receiveForm } from './webhooks/receive-form.ts';
export { isMultipart } from './webhooks/read-multipart.ts';
export {
  receiveWebhook,
  type Reception,
  type WebhookDelivery,
  type WebhookRequest,
  type WebhookTrigger,
} from './webhooks/receive-webhook.ts';
export { createSigningSecret, signDelivery } from './webhooks/standard-signature.ts';
