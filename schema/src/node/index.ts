export { defineCredential, type CredentialDefinition } from './define-credential.ts';
export {
  activityNameOf,
  defineNode,
  type AnyNodeDefinition,
  type Example,
  type Idempotency,
  type NodeDefinition,
} from './define-node.ts';
export { correlationKeySchema, eventNameSchema, eventStaySchema } from '../flow/event-fields.ts';
export { fileSchema } from '../flow/file.ts';
export {
  toCredentialManifest,
  toManifest,
  type CredentialManifest,
  type JsonSchema,
  type NodeManifest,
  type Port,
} from './manifest.ts';
