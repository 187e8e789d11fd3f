import { tables, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { and, eq, isNull } from 'drizzle-orm';
import type { ServiceContext } from '../context.ts';
import { createConnection, type NewConnection } from '../services/connections/create-connection.ts';
import { createFlow } from '../services/flows/create-flow.ts';
import { publishFlow } from '../services/flows/publish-flow.ts';
import { hookUrl } from '../settings.ts';
import { demoConnections } from './demo-connections.ts';
import type { PrepareTools } from './prepare-installation.ts';
import {
  sampleDelivery,
  sampleFlowDescription,
  sampleFlowName,
  sampleGraph,
  sampleTags,
  sampleWebhookNode,
} from './sample-flow.ts';

const { connections, flows, triggers } = tables;

export interface Sample {
  readonly flowId: string | null;
  /** A command that starts the sample flow; null when there is none or it is off. */
  readonly curl: string | null;
}

type SampleContext = PrepareTools & Pick<ServiceContext, 'caller' | 'permission' | 'requestId'>;

/** The sample flow, live, with its connections. Made on the first start of the demo; later starts only look for it. */
export const prepareSample = async (context: SampleContext, knownFlowId: string | null): Promise<Sample> => {
  const flowId =
    knownFlowId ?? (context.environment.demo ? await createSample(context, context.environment.demo) : null);
  return { flowId, curl: flowId && (await curlOf(context, flowId)) };
};

const createSample = async (
  context: SampleContext,
  demo: NonNullable<PrepareTools['environment']['demo']>,
): Promise<string> => {
  const wanted = demoConnections(demo);
  const graph = sampleGraph({
    http: await findOrCreateConnection(context, wanted.http),
    email: await findOrCreateConnection(context, wanted.email),
    slack: await findOrCreateConnection(context, wanted.slack),
  });
  // The sample does without a model; whoever draws a flow with one finds these.
  await findOrCreateConnection(context, wanted.openai);
  await findOrCreateConnection(context, wanted.anthropic);
  const flowId = (await findSample(context)) ?? (await createFlow(context, newFlow(graph)));
  await publishFlow(context, flowId, { note: 'First version' });
  return flowId;
};

const newFlow = (graph: ReturnType<typeof sampleGraph>) => ({
  name: sampleFlowName,
  description: sampleFlowDescription,
  tags: sampleTags,
  graph,
});

const findOrCreateConnection = async (context: SampleContext, wanted: NewConnection): Promise<string> => {
  const { db, caller } = context;
  const [found] = await withOrg(db, caller.orgId, (tx) =>
    tx
      .select({ id: connections.id })
      .from(connections)
      .where(and(eq(connections.orgId, caller.orgId), eq(connections.name, wanted.name))),
  );
  return found?.id ?? createConnection(context, wanted);
};

/** One that a start which died half-way left behind. */
const findSample = async ({ db, caller }: SampleContext): Promise<string | null> => {
  const [found] = await withOrg(db, caller.orgId, (tx) =>
    tx
      .select({ id: flows.id })
      .from(flows)
      .where(and(eq(flows.orgId, caller.orgId), eq(flows.name, sampleFlowName))),
  );
  return found?.id ?? null;
};

const curlOf = async ({ db, ring, caller, environment }: SampleContext, flowId: string): Promise<string | null> => {
  const [trigger] = await withOrg(db, caller.orgId, (tx) =>
    tx
      .select({ id: triggers.id, pathSealed: triggers.pathSealed })
      .from(triggers)
      .innerJoin(flows, and(eq(flows.id, triggers.flowId), eq(flows.status, 'active')))
      .where(and(eq(flows.id, flowId), eq(triggers.nodeId, sampleWebhookNode), isNull(triggers.removedAt))),
  );
  if (!trigger?.pathSealed) return null;
  const token = await ring.openJson<string>(caller.orgId, trigger.pathSealed, additionalData.triggerPath(trigger.id));
  const url = hookUrl(environment.settings, token);
  return `curl -X POST '${url}' -H 'content-type: application/json' -d '${JSON.stringify(sampleDelivery)}'`;
};
