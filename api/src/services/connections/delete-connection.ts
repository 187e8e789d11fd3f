import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { limitSubjects } from '@everwave/schema/run';
import { and, eq, sql } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { forgetAccessTo } from '../access/forget.ts';
import { audit } from '../audit.ts';
import { storeLimits } from '../limits/store-limits.ts';
import { getConnection, usesOf } from './to-connection.ts';

/** Refused while a flow that is on uses it, or an alert channel: its next run, or alert, would fail. */
export const deleteConnection = async (context: ServiceContext, connectionId: string): Promise<void> => {
  await withOrg(context.db, context.caller.orgId, async (tx) => {
    const { name, kind, settings } = await getConnection(tx, context, connectionId);
    const uses = await usesOf(tx, context, connectionId);
    if (uses.length > 0) {
      const seen = await usesOf(tx, context, connectionId, 'seen');
      const others = uses.length - seen.length;
      const flows = [...seen.map((use) => use.name), ...(others > 0 ? [`${others} that you do not see`] : [])].join(
        ', ',
      );
      throw problem('connection_in_use', `Live flows use this connection: ${flows}. Change or deactivate them first.`, {
        errors: seen.map(({ flowId, name: flow }) => ({ path: flowId, message: `${flow} uses it.` })),
      });
    }
    const channels = await channelsOf(tx, context, connectionId);
    if (channels.length > 0) {
      throw problem(
        'connection_in_use',
        `Alert channels use this connection: ${channels.join(', ')}. Change them first.`,
      );
    }
    await tx.delete(tables.connections).where(eq(tables.connections.id, connectionId));
    await forgetAccessTo(tx, context.caller.orgId, { thing: 'connection', id: connectionId });
    await storeLimits(tx, context.caller, [
      { subject: limitSubjects.connection(connectionId), kind: 'steps', limit: null },
    ]);
    await audit(tx, context, {
      action: 'connection.deleted',
      target: { kind: 'connection', id: connectionId, name },
      details: { kind },
      before: { name, kind, settings },
    });
  });
};

/** Names of the alert channels that send their mail over it. */
const channelsOf = async (tx: Transaction, { caller }: ServiceContext, connectionId: string): Promise<string[]> => {
  const { alertChannels } = tables;
  const rows = await tx
    .select({ name: alertChannels.name })
    .from(alertChannels)
    .where(
      and(eq(alertChannels.orgId, caller.orgId), sql`${alertChannels.settings} ->> 'connectionId' = ${connectionId}`),
    );
  return rows.map(({ name }) => name);
};
