import { randomUUIDv7 } from 'node:crypto';
import { type FlowGraph, flowGraphSchema } from '@everwave/schema/flow';
import { type FlowId, toId } from '@everwave/schema/ids';
import { tables, withOrg } from '@everwave/schema/db';
import type { ServiceContext } from '../../context.ts';
import { audit } from '../audit.ts';

export interface NewFlow {
  readonly name: string;
  readonly description?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly graph?: FlowGraph | undefined;
}

/** Where a new flow came from, for the audit log. */
export type FlowSource =
  | { readonly from: 'scratch' }
  | { readonly from: 'import' }
  | { readonly from: 'flow'; readonly flowId: string };

/** A switched-off flow with a draft. Returns its id. */
export const createFlow = async (
  context: Pick<ServiceContext, 'db' | 'caller' | 'requestId'>,
  { name, description = '', tags = [], graph }: NewFlow,
  source: FlowSource = { from: 'scratch' },
): Promise<FlowId> => {
  const { db, caller } = context;
  const id = toId('flow', randomUUIDv7());
  await withOrg(db, caller.orgId, async (tx) => {
    await tx.insert(tables.flows).values({
      id,
      orgId: caller.orgId,
      name,
      description,
      tags: [...new Set(tags)],
      draft: graph ?? flowGraphSchema.parse({ nodes: [], edges: [] }),
      createdBy: caller.id,
    });
    await audit(tx, context, {
      action: 'flow.created',
      target: { kind: 'flow', id, name },
      details: { ...source },
      after: { name, description, tags },
    });
  });
  return id;
};
