import {
  auditListSchema,
  type Flow,
  flowLimitsSchema,
  flowSchema,
  flowVersionListSchema,
  flowVersionSchema,
  folderListSchema,
  meSchema,
  runListSchema,
  validateFlowReplySchema,
} from '@everwave/schema/api';
import type { FlowGraph, Issue } from '@everwave/schema/flow';
import { callApi } from '#app/api/api.server.ts';
import { readNodeKinds } from '../node-kinds.server.ts';

/** Which drawing of a flow a page shows: the draft, or one published version. */
export type Drawing = { readonly kind: 'draft' } | { readonly kind: 'version'; readonly version: number };

const chooseDrawing = (asked: string | null, liveVersion: number | null): Drawing => {
  if (asked === 'draft') return { kind: 'draft' };
  const version = Number(asked);
  if (asked !== null && Number.isInteger(version) && version > 0) return { kind: 'version', version };
  return liveVersion === null ? { kind: 'draft' } : { kind: 'version', version: liveVersion };
};

const readDrawing = async (
  request: Request,
  flow: Flow,
  drawing: Drawing,
): Promise<{ readonly graph: FlowGraph; readonly issues: readonly Issue[] }> => {
  if (drawing.kind === 'version') {
    const version = await callApi(request, `/v1/flows/${flow.id}/versions/${drawing.version}`, flowVersionSchema);
    return { graph: version.graph, issues: [] };
  }
  const { issues } = await callApi(request, `/v1/flows/${flow.id}/validate`, validateFlowReplySchema, {
    method: 'POST',
    body: {},
  });
  return { graph: flow.graph, issues: issues as readonly Issue[] };
};

/** Who changed what; null for whoever may not read the audit log, who is not sent to be refused. */
const readHistory = async (request: Request, flowId: string) => {
  const { permissions } = await callApi(request, '/v1/me', meSchema);
  if (!permissions.includes('audit:read')) return null;
  const { items } = await callApi(request, '/v1/audit', auditListSchema, { query: { target: flowId, limit: 8 } });
  return items;
};

/** Everything the page of one flow shows. */
export const readFlowPage = async (request: Request, flowId: string, askedDrawing: string | null) => {
  const flow = await callApi(request, `/v1/flows/${encodeURIComponent(flowId)}`, flowSchema);
  const drawing = chooseDrawing(askedDrawing, flow.version);
  const [shown, manifests, versions, runs, limits, folders, history] = await Promise.all([
    readDrawing(request, flow, drawing),
    readNodeKinds(request),
    callApi(request, `/v1/flows/${flow.id}/versions`, flowVersionListSchema, { query: { limit: 20 } }),
    callApi(request, '/v1/runs', runListSchema, { query: { flowId: flow.id, limit: 8 } }),
    callApi(request, `/v1/flows/${flow.id}/limits`, flowLimitsSchema),
    callApi(request, '/v1/folders', folderListSchema),
    readHistory(request, flow.id),
  ]);
  return {
    flow,
    drawing,
    ...shown,
    manifests,
    versions: versions.items,
    runs: runs.items,
    limits,
    folders: folders.items,
    history,
  };
};
