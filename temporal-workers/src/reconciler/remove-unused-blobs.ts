import { type Database, tables, type Transaction, withSystem } from '@everwave/schema/db';
import { closedRunStatuses } from '@everwave/schema/run';
import { and, eq, inArray, lt, sql } from 'drizzle-orm';

const { blobs, blobUses, deliveries, runs, runSteps } = tables;

export interface UnusedBlobSettings {
  /** Milliseconds beyond its last use that a value is kept. */
  readonly grace: number;
  /** Values, and uses, per call. */
  readonly limit: number;
}

export const defaultBlobGrace = 7 * 86_400_000;

/**
 * Removes values that no run and no delivery has any more: those whose run is gone, those that a later attempt of the same step has
 * replaced, and what an attempt left behind that failed or died. A run that is open or shown keeps its values. Returns how
 * many were removed.
 */
export const removeUnusedBlobs = (
  db: Database,
  { grace, limit }: UnusedBlobSettings,
  now = Date.now(),
): Promise<number> =>
  withSystem(db, async (tx) => {
    const before = new Date(now - grace);
    await dropStaleUses(tx, before, limit);
    const unused = tx
      .select({ orgId: blobs.orgId, sha256: blobs.sha256 })
      .from(blobs)
      .where(
        and(
          lt(blobs.lastUsedAt, before),
          sql`not exists (select from ${blobUses} where ${blobUses.orgId} = ${blobs.orgId} and ${blobUses.sha256} = ${blobs.sha256})`,
        ),
      )
      .orderBy(blobs.lastUsedAt)
      .limit(limit)
      // Whoever is just keeping the same value has its row; it is no longer unused then.
      .for('update', { skipLocked: true });
    const found = await unused;
    for (const { orgId, sha256 } of found) {
      await tx.delete(blobs).where(and(eq(blobs.orgId, orgId), eq(blobs.sha256, sha256)));
    }
    return found.length;
  });

/** Uses that nothing stands behind any more. Their values count as used until now. */
const dropStaleUses = async (tx: Transaction, before: Date, limit: number): Promise<void> => {
  const ofRun = and(eq(runs.orgId, blobUses.orgId), eq(runs.id, blobUses.runId));
  const stale = await tx
    .select({
      orgId: blobUses.orgId,
      runId: blobUses.runId,
      path: blobUses.path,
      ordinal: blobUses.ordinal,
      name: blobUses.name,
      sha256: blobUses.sha256,
    })
    .from(blobUses)
    .leftJoin(runs, ofRun)
    // Files that a webhook has brought are its delivery's, before there is a run and afterwards.
    .leftJoin(deliveries, and(eq(deliveries.orgId, blobUses.orgId), eq(deliveries.id, blobUses.runId)))
    .leftJoin(
      runSteps,
      and(eq(runSteps.runId, blobUses.runId), eq(runSteps.path, blobUses.path), eq(runSteps.ordinal, blobUses.ordinal)),
    )
    .where(
      and(
        lt(blobUses.createdAt, before),
        sql`((${runs.id} is null and ${deliveries.id} is null) or (
          ${inArray(runs.status, [...closedRunStatuses])} and ${lt(runs.finishedAt, before)}
          and ${inArray(runSteps.status, ['failed', 'cancelled', 'skipped'])} and ${runSteps.outputSealed} is null
        ))`,
      ),
    )
    .limit(limit);
  for (const { orgId, sha256, ...step } of stale) {
    const { runId, path, ordinal, name } = step;
    await tx
      .delete(blobUses)
      .where(
        and(
          eq(blobUses.orgId, orgId),
          eq(blobUses.runId, runId),
          eq(blobUses.path, path),
          eq(blobUses.ordinal, ordinal),
          eq(blobUses.name, name),
        ),
      );
    await tx
      .update(blobs)
      .set({ lastUsedAt: new Date() })
      .where(and(eq(blobs.orgId, orgId), eq(blobs.sha256, sha256)));
  }
};
