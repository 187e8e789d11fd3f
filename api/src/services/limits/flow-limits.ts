import type { FlowLimits, SetFlowLimits } from '@everwave/schema/api';
import { type Transaction, withOrg } from '@everwave/schema/db';
import { limitSubjects } from '@everwave/schema/run';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { type FlowRow, getFlow } from '../flows/find-flow.ts';
import { getVersion } from '../flows/versions.ts';
import { findLimits } from './limits-of.ts';
import { runPlaces, stepPlaces } from './places-in-use.ts';
import { keepNodeLimits, storeLimits, toFlowLimit, toStepLimit } from './store-limits.ts';

const { eachFlow, flow: subjectOf, node: nodeSubject } = limitSubjects;

export const readFlowLimits = (context: ServiceContext, flowId: string): Promise<FlowLimits> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    await getFlow(tx, context, flowId);
    return read(tx, context.caller.orgId, flowId);
  });

/** Holds from now on, for runs of every version: a limit is no part of the drawing. */
export const setFlowLimits = async (
  context: ServiceContext,
  flowId: string,
  asked: SetFlowLimits,
): Promise<FlowLimits> => {
  const { db, caller, placer } = context;
  const now = await withOrg(db, caller.orgId, async (tx) => {
    const flow = await getFlow(tx, context, flowId, 'lock');
    await refuseUnknownNodes(tx, flow, Object.keys(asked.nodes));
    const { runs, steps, nodes: nodesBefore } = await read(tx, caller.orgId, flowId);
    const before = await findLimits(tx, caller.orgId, [], flowId);
    const nodes = Object.entries(asked.nodes).map(([id, limit]) => ({ subject: nodeSubject(flowId, id), limit }));
    await keepNodeLimits(
      tx,
      caller.orgId,
      before.rows,
      nodes.map(({ subject }) => subject),
    );
    await storeLimits(tx, caller, [
      { subject: subjectOf(flowId), kind: 'runs', limit: asked.runs },
      { subject: subjectOf(flowId), kind: 'steps', limit: asked.steps },
      ...nodes.map((node) => ({ ...node, kind: 'steps' as const })),
    ]);
    await audit(tx, context, {
      action: 'flow.limits_set',
      target: { kind: 'flow', id: flowId, name: flow.name },
      before: { runs, steps, nodes: nodesBefore },
      after: asked,
    });
    return read(tx, caller.orgId, flowId);
  });
  placer.kick();
  return now;
};

const refuseUnknownNodes = async (tx: Transaction, flow: FlowRow, asked: readonly string[]): Promise<void> => {
  const live = flow.liveVersion === null ? null : await getVersion(tx, flow.id, flow.liveVersion);
  const known = new Set<string>([...flow.draft.nodes, ...(live?.graph.nodes ?? [])].map(({ id }) => id));
  const unknown = asked.filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  throw problem('limits_invalid', `The flow has no step ${unknown.join(', ')}, neither in its draft nor live.`, {
    errors: unknown.map((id) => ({ path: `nodes.${id}`, message: 'The flow has no such step.' })),
  });
};

const read = async (tx: Transaction, orgId: string, flowId: string): Promise<FlowLimits> => {
  const found = await findLimits(tx, orgId, [eachFlow, subjectOf(flowId)], flowId);
  const own = found.of(subjectOf(flowId), 'runs');
  const ofNodes = found.rows.filter(({ subject }) => subject.startsWith(`${flowId}/`));
  return {
    runs: own ? toFlowLimit(own) : null,
    eachFlow: toFlowLimit(found.of(eachFlow, 'runs')),
    steps: toStepLimit(found.of(subjectOf(flowId), 'steps')),
    nodes: Object.fromEntries(ofNodes.map((row) => [row.subject.slice(flowId.length + 1), toStepLimit(row)])),
    usage: { runs: await runPlaces(tx, orgId, flowId), steps: await stepPlaces(tx, orgId, flowId) },
  };
};
