import type { CredentialDefinition } from '@everwave/schema/node';
import type { Egress, EgressFetch } from './egress.ts';
import type { OpenConnection } from './implement-node.ts';

export interface CredentialProbe {
  readonly signal: AbortSignal;
  readonly fetch: EgressFetch;
  readonly egress: Egress;
}

/** What a person reads after pressing "Test". */
export type CredentialVerdict =
  | { readonly ok: true; readonly message: string }
  | { readonly ok: false; readonly message: string; readonly advice?: string };

export interface CredentialImplementation<Credential extends CredentialDefinition = CredentialDefinition> {
  readonly definition: Credential;
  /** Tries the connection without any effect. May throw what the network throws; the caller turns it into words. */
  test(probe: CredentialProbe, connection: OpenConnection<Credential>): Promise<CredentialVerdict>;
}

export const implementCredential = <const Credential extends CredentialDefinition>(
  definition: Credential,
  body: Pick<CredentialImplementation<Credential>, 'test'>,
): CredentialImplementation<Credential> => ({ ...body, definition });
