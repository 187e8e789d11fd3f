import type { StartedRun } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { tables, withOrg } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { release } from '../../dispatch/release-held-deliveries.ts';
import { problem } from '../../problems.ts';
import { runUrl } from '../../settings.ts';
import { audit } from '../audit.ts';
import { getFlow } from '../flows/find-flow.ts';
import { getVersion } from '../flows/versions.ts';

const { deliveries, triggers } = tables;

/**
 * Runs one delivery that was held, although its flow is off, or skipped, with the live version. Others stay as they are.
 * Where the flow has a limit, the run waits for its place.
 */
export const replayDelivery = async (context: ServiceContext, deliveryId: string): Promise<StartedRun> => {
  const { db, caller, dispatcher, placer, settings } = context;
  const held = await withOrg(db, caller.orgId, async (tx) => {
    const [delivery] = await tx
      .select()
      .from(deliveries)
      .where(and(eq(deliveries.id, deliveryId), eq(deliveries.orgId, caller.orgId)));
    if (!delivery) throw problem('delivery_not_found', `Your org has no delivery ${deliveryId}.`);
    if (delivery.status !== 'held' && delivery.status !== 'skipped') throw notHeld(delivery.status);
    const flow = await getFlow(tx, context, delivery.flowId);
    if (flow.liveVersion === null) throw problem('flow_not_published', 'Publish the flow first.');
    const { planHash } = await getVersion(tx, flow.id, flow.liveVersion);
    const [trigger] = await tx.select().from(triggers).where(eq(triggers.id, delivery.triggerId));
    if (!trigger || trigger.removedAt) {
      throw problem('trigger_not_found', 'The live version no longer has the trigger that this delivery came by.');
    }
    await audit(tx, context, { action: 'delivery.replayed', target: { kind: 'delivery', id: deliveryId } });
    const { nodeId, kind } = trigger;
    const from = delivery.status;
    return { ...delivery, from, flowVersion: flow.liveVersion, planHash, triggerId: trigger.id, nodeId, kind };
  });
  const runId = await release(context, held, { startedBy: caller.name, from: held.from });
  if (!runId) throw notHeld('pending');
  placer.kick();
  dispatcher.kick();
  return { runId: runIdSchema.parse(runId), url: runUrl(settings, runId) };
};

const notHeld = (status: string) =>
  problem('delivery_not_held', `This delivery is ${status}. To do its work again, start its run again.`);
