import {
  connectionListSchema,
  flowSchema,
  type Flow,
  type FlowVersionSummary,
  flowVersionSummarySchema,
} from '@everwave/schema/api';
import type { FlowGraph } from '@everwave/schema/flow';
import { type ActionResult, attempt, callApi, ifAllowed } from '#app/api/api.server.ts';
import { readNodeKinds } from '../node-kinds.server.ts';
import type { UsableConnection } from './panel/connection-field.tsx';

const addressOf = (flowId: string): string => `/v1/flows/${encodeURIComponent(flowId)}`;

export const readFlow = (request: Request, flowId: string): Promise<Flow> =>
  callApi(request, addressOf(flowId), flowSchema);

/** Everything the builder begins with. */
export const readBuilder = async (request: Request, flowId: string) => {
  const [flow, manifests, connections] = await Promise.all([
    readFlow(request, flowId),
    readNodeKinds(request),
    ifAllowed(callApi(request, '/v1/connections', connectionListSchema, { query: { limit: 100 } })),
  ]);
  const usable: readonly UsableConnection[] | null =
    connections?.items.map(({ id, name, kind }) => ({ id, name, kind })) ?? null;
  return { flow, manifests, connections: usable };
};

/** Refused as `draft_changed` when somebody has saved since `revision`. */
export const saveDraft = (
  request: Request,
  flowId: string,
  draft: { readonly draftRevision: number; readonly graph: FlowGraph },
): Promise<ActionResult<{ readonly revision: number; readonly graph: FlowGraph }>> =>
  attempt(request, async () => {
    const flow = await callApi(request, `${addressOf(flowId)}/draft`, flowSchema, { method: 'PUT', body: draft });
    return { revision: flow.draftRevision, graph: flow.graph };
  });

export const publish = (
  request: Request,
  flowId: string,
  body: { readonly draftRevision: number; readonly note: string },
): Promise<ActionResult<FlowVersionSummary>> =>
  attempt(request, () =>
    callApi(request, `${addressOf(flowId)}/publish`, flowVersionSummarySchema, { method: 'POST', body }),
  );
