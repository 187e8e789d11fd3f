import { type Database, tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm';

const { blobs, blobUses } = tables;

/** Whose files: a run, or a delivery before there is one. */
interface Owner {
  readonly orgId: string;
  readonly runId: string;
}

/** What a trigger has brought is the run's that begins with it, in the transaction that makes the run. */
export const shareFiles = async (
  tx: Transaction,
  {
    orgId,
    from,
    to,
    path,
  }: { readonly orgId: string; readonly from: readonly string[]; readonly to: string; readonly path: string },
): Promise<void> => {
  await tx
    .insert(blobUses)
    .select(
      tx
        .select({
          orgId: blobUses.orgId,
          runId: sql<string>`${to}`.as('run_id'),
          path: blobUses.path,
          ordinal: blobUses.ordinal,
          name: blobUses.name,
          sha256: blobUses.sha256,
          fileSealed: blobUses.fileSealed,
          createdAt: sql<Date>`now()`.as('created_at'),
        })
        .from(blobUses)
        .where(
          and(
            eq(blobUses.orgId, orgId),
            inArray(blobUses.runId, [...from]),
            eq(blobUses.path, path),
            isNotNull(blobUses.fileSealed),
          ),
        ),
    )
    .onConflictDoNothing();
};

/** Nobody has them by this owner any more. What was stored for it alone, and nobody has touched since, goes at once. */
export const dropFiles = async (tx: Transaction, { orgId, runId }: Owner): Promise<void> => {
  const dropped = await tx
    .delete(blobUses)
    .where(and(eq(blobUses.orgId, orgId), eq(blobUses.runId, runId)))
    .returning({ sha256: blobUses.sha256 });
  if (dropped.length === 0) return;
  await tx.delete(blobs).where(
    and(
      eq(blobs.orgId, orgId),
      inArray(
        blobs.sha256,
        dropped.map(({ sha256 }) => sha256),
      ),
      eq(blobs.completedAt, blobs.lastUsedAt),
      sql`not exists (select from ${blobUses} where ${blobUses.orgId} = ${blobs.orgId} and ${blobUses.sha256} = ${blobs.sha256})`,
    ),
  );
};

export const forgetFiles = (db: Database, owner: Owner): Promise<void> =>
  withOrg(db, owner.orgId, (tx) => dropFiles(tx, owner));
