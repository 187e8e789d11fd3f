import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { collectOf, type FlowGraph, type GraphNode, waitsForAnswer } from '@everwave/schema/flow';
import { toId } from '@everwave/schema/ids';
import { tables, type Transaction } from '@everwave/schema/db';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import { and, eq, notInArray } from 'drizzle-orm';
import { hashToken } from '../../auth/secret-token.ts';

const { triggers } = tables;

type TriggerRow = typeof triggers.$inferSelect;
export type PreparedTrigger = typeof triggers.$inferInsert;

const isTrigger = ({ kind }: GraphNode): boolean => kind.startsWith('trigger.');
const hasAddress = ({ kind }: { readonly kind: string }): boolean => kind === 'trigger.webhook';

export const triggersOfFlow = (tx: Transaction, flowId: string): Promise<TriggerRow[]> =>
  tx.select().from(triggers).where(eq(triggers.flowId, flowId));

/** A row for each trigger node. A webhook keeps the address it once had; a new one gets 128 random bits. */
export const prepareTriggers = (
  ring: KeyRing,
  flow: { readonly id: string; readonly orgId: string },
  graph: FlowGraph,
  existing: readonly TriggerRow[],
): Promise<PreparedTrigger[]> =>
  Promise.all(
    graph.nodes.filter(isTrigger).map(async (node) => {
      const known = existing.find(({ nodeId }) => nodeId === node.id);
      const id = known?.id ?? toId('trg', randomUUIDv7());
      const address = hasAddress(node) && !known?.pathHash ? await newAddress(ring, flow.orgId, id) : {};
      return {
        ...known,
        ...address,
        id,
        orgId: flow.orgId,
        flowId: flow.id,
        nodeId: node.id,
        kind: node.kind,
        signatureRequired: node.input['signature'] === 'standard',
        answer: waitsForAnswer(node) ? 'result' : 'acknowledge',
        collect: collectOf(node),
        enabled: true,
        removedAt: null,
      };
    }),
  );

const newAddress = async (ring: KeyRing, orgId: string, triggerId: string) => {
  const token = randomBytes(16).toString('base64url');
  const pathSealed = await ring.sealJson(orgId, token, additionalData.triggerPath(triggerId));
  return { pathHash: hashToken(token), pathSealed };
};

/** Stores the prepared rows; triggers that are no longer drawn stop to work but keep their address for a return. */
export const storeTriggers = async (
  tx: Transaction,
  flowId: string,
  prepared: readonly PreparedTrigger[],
): Promise<void> => {
  for (const trigger of prepared) {
    await tx.insert(triggers).values(trigger).onConflictDoUpdate({ target: triggers.id, set: trigger });
  }
  const drawn = prepared.map(({ id }) => id);
  await tx
    .update(triggers)
    .set({ enabled: false, removedAt: new Date() })
    .where(and(eq(triggers.flowId, flowId), drawn.length > 0 ? notInArray(triggers.id, drawn) : undefined));
};
