import { createHash } from 'node:crypto';
import { type Json, toCanonicalJson } from '@everwave/schema/flow';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
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
  return claimed.length > 0 ? null : findClaimed(tx, orgId, claim);
};

/**
 * For work that looks at what the first request changes before it claims the key: whoever comes second gets the first
 * one's run, also where the first has meanwhile made the work impossible.
 */
export const onceForKey = async (
  { db, caller }: Pick<ServiceContext, 'db' | 'caller'>,
  claim: Omit<KeyClaim, 'runId'> | undefined,
  work: () => Promise<string>,
): Promise<string> => {
  if (!claim) return work();
  const findEarlier = () => withOrg(db, caller.orgId, (tx) => findClaimed(tx, caller.orgId, claim));
  const earlier = await findEarlier();
  if (earlier) return earlier;
  try {
    return await work();
  } catch (error) {
    const meanwhile = await findEarlier();
    if (meanwhile) return meanwhile;
    throw error;
  }
};

const findClaimed = async (
  tx: Transaction,
  orgId: string,
  { key, requestHash }: Omit<KeyClaim, 'runId'>,
): Promise<string | null> => {
  const [earlier] = await tx
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.orgId, orgId), eq(idempotencyKeys.key, key)));
  if (earlier && earlier.requestHash !== requestHash) {
    throw problem(
      'idempotency_key_reused',
      'This Idempotency-Key started another run with another body. Use a new key.',
    );
  }
  return earlier?.runId ?? null;
};
