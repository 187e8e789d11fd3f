import { type Database, tables, withSystem } from '@everwave/schema/db';
import { and, eq, isNull } from 'drizzle-orm';
import { whenFullOfFlow } from '../../limits/admit-run.ts';
import { hashToken } from '../../auth/secret-token.ts';

const { flows, flowVersions, triggers } = tables;

/** The trigger behind a webhook's token, with what is needed to start its flow. Null for unknown, removed and archived. */
export const findTrigger = async (db: Database, token: string) => {
  const [found] = await withSystem(db, (tx) =>
    tx
      .select({
        id: triggers.id,
        orgId: triggers.orgId,
        flowId: triggers.flowId,
        nodeId: triggers.nodeId,
        kind: triggers.kind,
        signatureRequired: triggers.signatureRequired,
        signingSecretSealed: triggers.signingSecretSealed,
        answer: triggers.answer,
        collect: triggers.collect,
        flowStatus: flows.status,
        flowVersion: flowVersions.version,
        planHash: flowVersions.planHash,
        whenFull: whenFullOfFlow,
      })
      .from(triggers)
      .innerJoin(flows, eq(flows.id, triggers.flowId))
      .innerJoin(flowVersions, and(eq(flowVersions.flowId, flows.id), eq(flowVersions.version, flows.liveVersion)))
      .where(and(eq(triggers.pathHash, hashToken(token)), isNull(triggers.removedAt), eq(triggers.enabled, true))),
  );
  return found && found.flowStatus !== 'archived' ? found : null;
};

export type FoundTrigger = NonNullable<Awaited<ReturnType<typeof findTrigger>>>;
