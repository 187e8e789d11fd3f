import type { Connection } from '@everwave/schema/api';
import { withOrg } from '@everwave/schema/db';
import type { ServiceContext } from '../../context.ts';
import { getConnection, toConnection, usesOf } from './to-connection.ts';

export const readConnection = (context: ServiceContext, connectionId: string): Promise<Connection> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const row = await getConnection(tx, context, connectionId);
    return toConnection(row, await usesOf(tx, context, connectionId, 'seen'));
  });
