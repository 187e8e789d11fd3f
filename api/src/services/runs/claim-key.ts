import { createHash } from 'node:crypto';
import { type Json, toCanonicalJson } from '@everwave/schema/flow';
import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { problem } from '../../problems.ts';

const { idempotencyKeys } = tables;

export interface KeyClaim {
  readonly key: string;
  /** What was asked for: the same key with another request is refused. */
  readonly requestHash: string;
  readonly runId: string;
}

export const hashRequest = (request: Json): string =>
  createHash('sha256').update(toCanonicalJson(request)).digest('hex');

/** The run that an earlier request with this key started, or null when the key is now ours. */
export const claimKey = async (tx: Transaction, orgId: string, claim: KeyClaim): Promise<string | null> => {
  const claimed = await tx
    .insert(idempotencyKeys)
    .values({ orgId, ...claim })
    .onConflictDoNothing()
    .returning({ runId: idempotencyKeys.runId });
  if (claimed.length > 0) return null;
  const [earlier] = await tx
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.orgId, orgId), eq(idempotencyKeys.key, claim.key)));
  if (earlier?.requestHash !== claim.requestHash) {
    throw problem(
      'idempotency_key_reused',
      'This Idempotency-Key started another run with another body. Use a new key.',
    );
  }
  return earlier.runId;
};
