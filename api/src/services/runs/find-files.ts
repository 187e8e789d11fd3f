import type { RunFile } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { runIdSchema } from '@everwave/schema/ids';
import { openFileInfo, readBlob } from '@everwave/temporal/values';
import { and, asc, eq, inArray, isNotNull, isNull, not, or, sql } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import type { StreamedFile } from '../../http/stream-file.ts';
import { problem } from '../../problems.ts';
import { numberOfCursor, type Page, toNumberedPage } from '../page.ts';
import { getRun } from './find-run.ts';

const { blobUses, runSteps } = tables;

/** A file of a sub-flow stands in the outermost run as `<run>/<path>`. */
const isOfSubflow = sql`strpos(${blobUses.path}, '/') > 0`;
const makerRunId = sql<string>`case when ${isOfSubflow} then split_part(${blobUses.path}, '/', 1) else ${blobUses.runId} end`;
const makerPath = sql<string>`case when ${isOfSubflow} then split_part(${blobUses.path}, '/', 2) else ${blobUses.path} end`;

/** Files that steps of a run have made, also in sub-flows, the oldest first. What a failed attempt left is none. */
export const listFiles = async (
  context: ServiceContext,
  runId: string,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<RunFile>> => {
  const from = numberOfCursor(cursor) ?? 0;
  const rows = await findRows(context, runId, { from, limit: limit + 1 });
  const { items, nextCursor } = toNumberedPage(rows, { from, limit });
  return { items: await Promise.all(items.map((row) => toRunFile(context, row))), nextCursor };
};

/** The content of a file of a run, with its name. */
export const readFile = async (context: ServiceContext, runId: string, sha256: string): Promise<StreamedFile> => {
  const { db, ring, caller } = context;
  const [row] = await findRows(context, runId, { from: 0, limit: 1, sha256 });
  if (!row) throw problem('file_not_found', `The run ${runId} has made no file ${sha256}.`);
  const blob = await readBlob(db, ring, caller.orgId, sha256);
  if (!blob) throw problem('file_not_found', `The file ${sha256} is no longer stored. Restore it from a backup.`);
  const { name, mediaType } = await toRunFile(context, row);
  return { name, mediaType, bytes: blob.bytes, content: blob.content };
};

const findRows = (
  context: ServiceContext,
  runId: string,
  { from, limit, sha256 }: { readonly from: number; readonly limit: number; readonly sha256?: string },
) =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { orgId } = await getRun(tx, context, runId);
    return tx
      .select({
        sha256: blobUses.sha256,
        sealed: blobUses.fileSealed,
        runId: makerRunId,
        path: makerPath,
        ordinal: blobUses.ordinal,
        createdAt: blobUses.createdAt,
      })
      .from(blobUses)
      .leftJoin(
        runSteps,
        and(eq(runSteps.runId, makerRunId), eq(runSteps.path, makerPath), eq(runSteps.ordinal, blobUses.ordinal)),
      )
      .where(
        and(
          eq(blobUses.orgId, orgId),
          eq(blobUses.runId, runId),
          isNotNull(blobUses.fileSealed),
          sha256 === undefined ? undefined : eq(blobUses.sha256, sha256),
          // A step's row may come later than its file.
          or(isNull(runSteps.status), not(inArray(runSteps.status, ['failed', 'cancelled', 'skipped']))),
        ),
      )
      .orderBy(asc(blobUses.createdAt), asc(blobUses.path), asc(blobUses.ordinal), asc(blobUses.name))
      .offset(from)
      .limit(limit);
  });

type FileRow = Awaited<ReturnType<typeof findRows>>[number];

const toRunFile = async ({ ring, caller }: ServiceContext, row: FileRow): Promise<RunFile> => {
  const { sealed, sha256, runId, path, ordinal, createdAt } = row;
  if (!sealed) throw new Error(`The file ${sha256} of the run ${runId} has no name.`);
  const { name, mediaType, bytes } = await openFileInfo(ring, { orgId: caller.orgId, sha256 }, sealed);
  const made = { runId: runIdSchema.parse(runId), path, ordinal, createdAt: createdAt.toISOString() };
  return { name, mediaType, bytes, sha256, ...made };
};
