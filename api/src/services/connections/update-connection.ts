import { isDeepStrictEqual } from 'node:util';
import { tables, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { refuseTakenName } from './create-connection.ts';
import { type Fields, parseFields } from './parse-fields.ts';
import { type ConnectionRow, getConnection } from './to-connection.ts';

export interface ConnectionChange {
  readonly name?: string | undefined;
  readonly settings?: Fields | undefined;
  /** Replaces the whole secret. */
  readonly secret?: Fields | undefined;
}

/**
 * Settings say where the secret is sent. Whoever changes them shows that they know it: otherwise a new base URL would be
 * enough to read a secret that no answer ever holds.
 */
const refuseNewDestination = (before: ConnectionRow, settings: Fields, secret: Fields | undefined): void => {
  const isStored = before.secretFields.length > 0;
  if (!isStored || secret || isDeepStrictEqual(before.settings, settings)) return;
  throw problem('connection_invalid', 'Enter the secret again: with other settings it may go somewhere else.', {
    errors: [{ path: 'secret', message: 'Enter it again, since the settings changed.', code: 'secret_needed' }],
  });
};

/** Changes a connection. What its last test said no longer holds once settings or secret are others. */
export const updateConnection = async (
  context: ServiceContext,
  connectionId: string,
  change: ConnectionChange,
): Promise<void> => {
  const { db, caller, ring, nodeKinds } = context;
  const before = await withOrg(db, caller.orgId, (tx) => getConnection(tx, context, connectionId));
  const given = { settings: change.settings ?? before.settings, secret: change.secret };
  const { settings, secret } = parseFields(nodeKinds, before.kind, given);
  refuseNewDestination(before, settings, secret);
  const binding = additionalData.connectionSecret(caller.orgId, connectionId);
  const newSecret = secret && {
    secretFields: Object.keys(secret),
    secretSealed: await ring.sealJson(caller.orgId, secret, binding),
  };
  const name = change.name ?? before.name;
  const untested = { lastTestedAt: null, lastTestStatus: null, lastTestMessage: null, lastTestAdvice: null };
  await withOrg(db, caller.orgId, async (tx) => {
    await getConnection(tx, context, connectionId);
    await tx
      .update(tables.connections)
      .set({ name, settings, ...newSecret, ...(change.settings || secret ? untested : {}), updatedAt: new Date() })
      .where(eq(tables.connections.id, connectionId));
    await audit(tx, context, {
      action: 'connection.updated',
      target: { kind: 'connection', id: connectionId, name },
      details: { secretReplaced: secret !== undefined },
      before: { name: before.name, settings: before.settings },
      after: { name, settings },
    });
  }).catch(refuseTakenName(name));
};
