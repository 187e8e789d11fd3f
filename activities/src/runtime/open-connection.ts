import type { CredentialDefinition } from '@everwave/schema/node';
import * as z from 'zod';
import type { OpenConnection } from './implement-node.ts';
import { CommonFailure } from './node-errors.ts';
import type { Connection } from './ports.ts';

/** A stored connection in its credential's shape. Messages name fields, never values. */
export const openConnection = <Credential extends CredentialDefinition>(
  connection: Connection,
  credential: Credential,
): OpenConnection<Credential> => {
  if (connection.kind !== credential.kind) {
    throw new CommonFailure(
      'connection_invalid',
      `The connection "${connection.name}" is of kind ${connection.kind}; this step needs ${credential.kind}.`,
    );
  }
  const settings = z.safeParse(credential.settings, connection.settings);
  const secret = z.safeParse(credential.secret, connection.secret);
  const issues = [...(settings.error?.issues ?? []), ...(secret.error?.issues ?? [])];
  if (!settings.success || !secret.success) {
    const fields = issues.map(({ path }) => path.join('.') || 'a field this version does not know');
    throw new CommonFailure(
      'connection_invalid',
      `The connection "${connection.name}" is incomplete: ${[...new Set(fields)].join(', ')}.`,
    );
  }
  return { settings: settings.data, secret: secret.data } as OpenConnection<Credential>;
};
