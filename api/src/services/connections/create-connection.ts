import { randomUUIDv7 } from 'node:crypto';
import { type ConnectionId, toId } from '@everwave/schema/ids';
import { tables, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import type { ServiceContext } from '../../context.ts';
import { uniqueViolationOf } from '../../database-errors.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { type Fields, parseFields } from './parse-fields.ts';

export interface NewConnection {
  readonly name: string;
  readonly kind: string;
  readonly settings: Fields;
  readonly secret: Fields;
}

/** Stores a connection with its secret sealed to this org and id. Returns its id. */
export const createConnection = async (
  context: Pick<ServiceContext, 'db' | 'caller' | 'requestId' | 'ring' | 'nodeKinds'>,
  given: NewConnection,
): Promise<ConnectionId> => {
  const { db, caller, ring, nodeKinds } = context;
  const { name, kind } = given;
  const { settings, secret = {} } = parseFields(nodeKinds, kind, given);
  const id = toId('conn', randomUUIDv7());
  const secretSealed = await ring.sealJson(caller.orgId, secret, additionalData.connectionSecret(caller.orgId, id));
  await withOrg(db, caller.orgId, async (tx) => {
    const secretFields = Object.keys(secret);
    const row = { id, orgId: caller.orgId, name, kind, settings, secretFields, secretSealed, createdBy: caller.id };
    await tx.insert(tables.connections).values(row);
    await audit(tx, context, {
      action: 'connection.created',
      target: { kind: 'connection', id, name },
      details: { kind },
      after: { name, kind, settings },
    });
  }).catch(refuseTakenName(name));
  return id;
};

/** Turns the database's word about a name that is taken into a problem. */
export const refuseTakenName =
  (name: string) =>
  (error: unknown): never => {
    if (uniqueViolationOf(error) !== 'connections_org_name') throw error;
    throw problem('name_taken', `Another connection is called “${name}”. Choose another name.`, {
      errors: [{ path: 'name', message: 'This name is taken.' }],
    });
  };
