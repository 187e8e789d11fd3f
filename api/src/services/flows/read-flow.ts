import type { Flow, FlowTrigger } from '@everwave/schema/api';
import { flowIdSchema, folderIdSchema, triggerIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { hookUrl } from '../../settings.ts';
import { mayWithFlow } from './may-with-flow.ts';
import { type FlowRow, getFlow } from './find-flow.ts';

const { flowVersions, triggers } = tables;

type TriggerRow = typeof triggers.$inferSelect;

/** One flow with its draft and the addresses of its triggers. */
export const readFlow = async (context: ServiceContext, flowId: string): Promise<Flow> => {
  const found = await withOrg(context.db, context.caller.orgId, async (tx) => {
    const flow = await getFlow(tx, context, flowId);
    const may = await mayWithFlow(tx, context.caller, flowId);
    return { flow, may, changed: await differsFromLive(tx, flow), triggers: await triggersOf(tx, flow) };
  });
  const { flow } = found;
  return {
    id: flowIdSchema.parse(flow.id),
    name: flow.name,
    version: flow.liveVersion,
    createdAt: flow.createdAt.toISOString(),
    updatedAt: flow.updatedAt.toISOString(),
    description: flow.description,
    tags: flow.tags,
    folderId: flow.folderId === null ? null : folderIdSchema.parse(flow.folderId),
    status: flow.status,
    may: found.may,
    draftRevision: flow.draftRevision,
    changedSincePublish: found.changed,
    steps: flow.draft.nodes,
    graph: flow.draft,
    triggers: await Promise.all(found.triggers.map((trigger) => toFlowTrigger(context, trigger))),
  };
};

const differsFromLive = async (tx: Transaction, flow: FlowRow): Promise<boolean> => {
  if (flow.liveVersion === null) return true;
  const [row] = await tx
    .select({ equal: sql<boolean>`${flowVersions.graph} = ${JSON.stringify(flow.draft)}::jsonb` })
    .from(flowVersions)
    .where(and(eq(flowVersions.flowId, flow.id), eq(flowVersions.version, flow.liveVersion)));
  return !row?.equal;
};

const triggersOf = (tx: Transaction, flow: FlowRow): Promise<TriggerRow[]> =>
  tx
    .select()
    .from(triggers)
    .where(and(eq(triggers.flowId, flow.id), eq(triggers.orgId, flow.orgId), isNull(triggers.removedAt)))
    .orderBy(asc(triggers.nodeId));

const toFlowTrigger = async ({ ring, settings }: ServiceContext, trigger: TriggerRow): Promise<FlowTrigger> => {
  const { id, orgId, nodeId, kind, signatureRequired, enabled, pathSealed } = trigger;
  const token = pathSealed && (await ring.openJson<string>(orgId, pathSealed, additionalData.triggerPath(id)));
  return {
    id: triggerIdSchema.parse(id),
    nodeId,
    kind,
    url: token ? hookUrl(settings, token) : null,
    signatureRequired,
    hasSigningSecret: trigger.signingSecretSealed !== null,
    answer: trigger.answer,
    enabled,
  };
};
