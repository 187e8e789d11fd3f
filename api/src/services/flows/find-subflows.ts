import { tables, type Transaction } from '@everwave/schema/db';
import { type FlowGraph, type Subflow, subflowIdOf, type Subflows } from '@everwave/schema/flow';
import { and, eq, inArray } from 'drizzle-orm';
import { type Reach, within } from '../../auth/within.ts';

const { flows, flowVersions, plans } = tables;

/** The flows that the caller may reach and that a drawing runs as sub-flows, each with the plan that is live now. */
export const findSubflows = async (tx: Transaction, reach: Reach, graph: FlowGraph): Promise<Subflows> => {
  const ids = [...new Set(graph.nodes.map(subflowIdOf).filter((id) => id !== null))];
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: flows.id, name: flows.name, status: flows.status, planHash: plans.hash, plan: plans.plan })
    .from(flows)
    .leftJoin(flowVersions, and(eq(flowVersions.flowId, flows.id), eq(flowVersions.version, flows.liveVersion)))
    .leftJoin(plans, and(eq(plans.orgId, flows.orgId), eq(plans.hash, flowVersions.planHash)))
    .where(and(eq(flows.orgId, reach.caller.orgId), inArray(flows.id, ids), within(reach, 'flow', flows.id)));
  return new Map(
    rows.map(({ id, name, status, plan, planHash }): [string, Subflow] => [
      id,
      { name, status, live: plan && planHash !== null ? { plan, planHash } : null },
    ]),
  );
};
