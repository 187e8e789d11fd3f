import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { tellAnew } from '../schedules/store-schedules.ts';
import { requireVariables } from '../variables/require-variables.ts';
import { type FlowRow, getFlow } from './find-flow.ts';
import { getVersion } from './versions.ts';

export type FlowSwitch = 'activate' | 'deactivate' | 'archive' | 'restore';

const outcomes = {
  activate: { status: 'active', action: 'flow.activated' },
  deactivate: { status: 'inactive', action: 'flow.deactivated' },
  archive: { status: 'archived', action: 'flow.archived' },
  restore: { status: 'inactive', action: 'flow.restored' },
} as const satisfies Record<FlowSwitch, { status: tables.FlowStatus; action: string }>;

/**
 * Turns a flow's triggers on or off, or puts it away. Turning on releases the deliveries that came meanwhile; running
 * runs are left alone. Asking for the state it is in changes nothing.
 */
export const switchFlow = async (context: ServiceContext, flowId: string, to: FlowSwitch): Promise<void> => {
  const { status, action } = outcomes[to];
  await withOrg(context.db, context.caller.orgId, async (tx) => {
    const flow = await getFlow(tx, context, flowId, 'lock');
    if (flow.status === status) return;
    refuseImpossible(flow, to);
    if (to === 'activate') await requireVariablesOf(tx, context, flow);
    await tx.update(tables.flows).set({ status, updatedAt: new Date() }).where(eq(tables.flows.id, flowId));
    await tellAnew(tx, flowId);
    await audit(tx, context, {
      action,
      target: { kind: 'flow', id: flowId, name: flow.name },
      before: { status: flow.status },
      after: { status },
    });
  });
  if (status === 'active') context.dispatcher.kick();
  context.scheduleKeeper.kick();
};

const refuseImpossible = (flow: FlowRow, to: FlowSwitch): void => {
  if (flow.status === 'archived' && (to === 'activate' || to === 'deactivate')) {
    throw problem('flow_archived', 'Restore the flow first.');
  }
  if (to === 'activate' && flow.liveVersion === null) {
    throw problem('flow_not_published', 'Publish the flow first; that also turns it on.');
  }
};

const requireVariablesOf = async (tx: Transaction, context: ServiceContext, flow: FlowRow): Promise<void> => {
  const { planHash } = await getVersion(tx, flow.id, flow.liveVersion ?? 0);
  await requireVariables(tx, context, planHash);
};
