import { credentialKindListSchema, nodeKindListSchema } from '@everwave/schema/api';
import { coreManifests } from '@everwave/schema/flow';
import {
  type AnyNodeDefinition,
  type CredentialDefinition,
  type NodeManifest,
  toCredentialManifest,
  toManifest,
} from '@everwave/schema/node';
import type * as z from 'zod';

/** What a flow can be made of, as data. */
export interface NodeKinds {
  /** The connectors' nodes: what `validateFlow` and `compileFlow` ask for. */
  readonly connectors: readonly NodeManifest[];
  /** Null for a kind that no connector has. */
  findCredential(kind: string): CredentialDefinition | null;
  /** Triggers and control nodes, then the connectors' nodes, as `GET /v1/node-kinds` answers. */
  readonly listing: z.output<typeof nodeKindListSchema>;
  readonly credentialListing: z.output<typeof credentialKindListSchema>;
}

export const createNodeKinds = (
  definitions: readonly AnyNodeDefinition[],
  credentials: readonly CredentialDefinition[],
): NodeKinds => {
  const connectors = definitions.map((definition) => toManifest(definition));
  return {
    connectors,
    findCredential: (kind) => credentials.find((definition) => definition.kind === kind) ?? null,
    listing: nodeKindListSchema.parse({ items: [...coreManifests, ...connectors] }),
    credentialListing: credentialKindListSchema.parse({
      items: credentials.map((definition) => toCredentialManifest(definition)),
    }),
  };
};
