import { flowSchema, startedRunSchema, type StartedRun } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import type { FlowId, FolderId } from '@everwave/schema/ids';
import * as z from 'zod';
import { callApi } from '#app/api/api.server.ts';

/** Turns a flow's triggers on or off. Off: deliveries are kept in the inbox. */
export const setFlowSwitch = async (
  request: Request,
  flowId: FlowId,
  on: boolean,
): Promise<{ readonly on: boolean }> => {
  const flow = await callApi(request, `/v1/flows/${flowId}/${on ? 'activate' : 'deactivate'}`, flowSchema, {
    method: 'POST',
  });
  return { on: flow.status === 'active' };
};

/** Starts the live version by hand. `key` makes a second press, or a repeated request, the same run. */
export const startRun = (request: Request, flowId: FlowId, input: Json, key: string): Promise<StartedRun> =>
  callApi(request, `/v1/flows/${flowId}/runs`, startedRunSchema, {
    method: 'POST',
    body: { input },
    headers: { 'idempotency-key': key },
  });

/** Into another folder; null for none. */
export const moveFlow = (request: Request, flowId: FlowId, folderId: FolderId | null): Promise<unknown> =>
  callApi(request, `/v1/flows/${flowId}/folder`, z.unknown(), { method: 'PUT', body: { folderId } });

/** An empty drawing, switched off. Returns its id. */
export const createFlow = async (request: Request, name: string): Promise<FlowId> => {
  const flow = await callApi(request, '/v1/flows', flowSchema, { method: 'POST', body: { name } });
  return flow.id;
};
