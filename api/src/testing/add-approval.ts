import { randomBytes, randomUUIDv7 } from 'node:crypto';
import type { Json } from '@everwave/schema/flow';
import { toId } from '@everwave/schema/ids';
import { tables, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import type { TestApi, TestOrg } from './test-api.ts';

type Approval = typeof tables.approvals.$inferInsert;

interface Asked extends Partial<Approval> {
  readonly flowId: string;
  /** What people are shown. */
  readonly request: Json;
}

/** An approval as a worker's projection writes it when a step asks. */
export const addApproval = async (
  api: TestApi,
  { orgId }: TestOrg,
  { request, ...changes }: Asked,
): Promise<Approval> => {
  const id = toId('apr', randomBytes(16).toString('hex'));
  const row: Approval = {
    id,
    orgId,
    runId: toId('run', randomUUIDv7()),
    path: 'ask',
    ordinal: 1,
    stepId: 'ask',
    seq: 1,
    status: 'open',
    requestSealed: await api.ring.sealJson(orgId, request, additionalData.approvalRequest(id)),
    roles: ['operator'],
    people: [],
    approvalsNeeded: 1,
    rejectionsNeeded: 1,
    answeredBy: [],
    openedAt: new Date(),
    ...changes,
  };
  await withOrg(api.db, orgId, (tx) => tx.insert(tables.approvals).values(row));
  return row;
};
