import { randomUUID } from 'node:crypto';
import * as api from '@everwave/schema/api';
import { coreManifests, flowGraphSchema, fromExport, toExport, validateFlow } from '@everwave/schema/flow';
import type { Hono } from 'hono';
import { answer, problem } from './answers.ts';
import { idOf } from './ids.ts';
import { manifests } from './manifests.ts';
import { tellFlow, type World } from './world.ts';

const core = new Set(coreManifests.map(({ kind }) => kind));

const newFlow = (name: string, description: string | undefined) => {
  const now = new Date().toISOString();
  return {
    id: idOf('flow', `${name} ${randomUUID()}`),
    name,
    description: description ?? '',
    tags: [] as string[],
    folderId: null,
    may: [],
    version: null,
    status: 'inactive' as const,
    createdAt: now,
    updatedAt: now,
    draftRevision: 1,
    changedSincePublish: true,
    triggerKinds: [],
    stepCount: 0,
    lastRun: null,
    graph: flowGraphSchema.parse({ nodes: [], edges: [] }),
    webhook: null,
  };
};

/** Flows that are drawn: a new one, its drafts, what is wrong with them, and their versions. */
export const addDrafts = (app: Hono, worldOf: () => World): void => {
  app.post('/v1/flows', async (c) => {
    const { name, description } = api.createFlowRequestSchema.parse(await c.req.json());
    const flow = newFlow(name, description);
    worldOf().flows.set(flow.id, flow);
    return answer(c, api.flowSchema, tellFlow(flow));
  });
  app.get('/v1/flows/:id/export', (c) => {
    const flow = worldOf().flows.get(c.req.param('id'));
    if (!flow) return problem(c, 404, 'flow_not_found', 'There is no such flow here.');
    const { name, description, tags, graph } = flow;
    return answer(c, api.flowExportSchema, toExport({ name, description, tags, graph }) as never);
  });
  app.post('/v1/flows/import', async (c) => {
    const imported = fromExport(await c.req.json());
    if (!imported.ok) return problem(c, 422, 'import_invalid', 'This file is not a flow that Everwave exported.');
    const { name, description = '', tags = [], graph } = imported.flow;
    const flow = { ...newFlow(name, description), tags: [...tags], graph, stepCount: graph.nodes.length };
    worldOf().flows.set(flow.id, flow);
    return answer(c, api.flowSchema, tellFlow(flow));
  });
  app.put('/v1/flows/:id/draft', async (c) => {
    const flow = worldOf().flows.get(c.req.param('id'));
    if (!flow) return problem(c, 404, 'flow_not_found', 'There is no such flow here.');
    const { draftRevision, graph } = api.saveDraftRequestSchema.parse(await c.req.json());
    if (draftRevision !== flow.draftRevision) {
      return problem(c, 409, 'draft_changed', `The draft is at revision ${flow.draftRevision}.`);
    }
    const saved = { ...flow, graph, draftRevision: draftRevision + 1, changedSincePublish: true };
    worldOf().flows.set(flow.id, saved);
    return answer(c, api.flowSchema, tellFlow(saved));
  });
  app.post('/v1/flows/:id/publish', async (c) => {
    const flow = worldOf().flows.get(c.req.param('id'));
    if (!flow) return problem(c, 404, 'flow_not_found', 'There is no such flow here.');
    const { note } = api.publishFlowRequestSchema.parse(await c.req.json());
    const issues = validateFlow(
      flow.graph,
      manifests.filter(({ kind }) => !core.has(kind)),
    );
    if (issues.some(({ severity }) => severity === 'error')) {
      return problem(c, 422, 'flow_invalid', issues.map(({ message }) => message).join(' '));
    }
    const version = (flow.version ?? 0) + 1;
    worldOf().flows.set(flow.id, { ...flow, version, changedSincePublish: false });
    return answer(c, api.flowVersionSummarySchema, {
      flowId: flow.id,
      version,
      planHash: 'b5f9c1de',
      note,
      publishedBy: 'Mara Lindqvist',
      publishedAt: new Date().toISOString(),
      live: true,
    });
  });
};
