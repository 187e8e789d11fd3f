import type { MigrationList } from '@everwave/schema/api';
import { withOrg } from '@everwave/schema/db';
import type { ServiceContext } from '../../context.ts';
import { listVersions } from '../flows/versions.ts';
import { getRun } from './find-run.ts';
import { previewMigration } from './migrate-run.ts';

/** Questions that a run is asked at the same time: each brings a whole plan. */
const atOnce = 4;

/** The versions of a run's flow, and of each what the run says to going on under it. */
export const listMigrations = async (
  context: ServiceContext,
  runId: string,
  page: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<MigrationList> => {
  const run = await withOrg(context.db, context.caller.orgId, (tx) => getRun(tx, context, runId));
  const { items, nextCursor } = await listVersions(context, run.flowId, page);
  const verdicts: MigrationList['items'] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    const some = items.slice(at, at + atOnce).map(async ({ version, note, publishedAt, live }) => ({
      ...(await previewMigration(context, runId, { version })),
      note,
      publishedAt,
      live,
    }));
    verdicts.push(...(await Promise.all(some)));
  }
  return { items: verdicts, nextCursor };
};
