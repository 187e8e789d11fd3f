import type { ConnectionTest } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { getConnection } from './to-connection.ts';

const { connections } = tables;

/** Has a worker try the connection, behind the same egress guard as every step, and keeps what it said. */
export const testConnection = async (context: ServiceContext, connectionId: string): Promise<ConnectionTest> => {
  const { db, caller, temporal } = context;
  const tested = await withOrg(db, caller.orgId, (tx) => getConnection(tx, context, connectionId));
  const result = await temporal.probe({ orgId: caller.orgId, connectionId }).catch((error: unknown) => {
    throw problem('temporal_unavailable', 'Temporal does not answer, so no worker can test the connection now.', {
      headers: { 'retry-after': '5' },
      cause: error,
    });
  });
  const testedAt = new Date();
  const advice = result.ok ? undefined : result.advice;
  const status = result.ok ? 'ok' : 'failed';
  await withOrg(db, caller.orgId, async (tx) => {
    await tx
      .update(connections)
      .set({
        lastTestedAt: testedAt,
        lastTestStatus: status,
        lastTestMessage: result.message,
        lastTestAdvice: advice ?? null,
      })
      // A connection that was changed during its test has not been tested.
      .where(and(eq(connections.id, connectionId), eq(connections.updatedAt, tested.updatedAt)));
    const target = { kind: 'connection', id: connectionId, name: tested.name };
    await audit(tx, context, { action: 'connection.tested', target, details: { status } });
  });
  return { status, message: result.message, testedAt: testedAt.toISOString(), ...(advice ? { advice } : {}) };
};
