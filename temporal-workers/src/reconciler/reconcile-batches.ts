import { type Database, withSystem } from '@everwave/schema/db';
import { batchWorkflowIdOf, isClosed } from '@everwave/schema/run';
import { createDataConverter } from '@everwave/temporal/data-converter';
import { sql } from 'drizzle-orm';
import { contradicted } from '../projection/contradictions.ts';
import { entriesOf } from '../projection/entry.ts';
import { applyEntries, sealEntries } from '../projection/write-entries.ts';
import { createHistoryDecoder } from './decode-history.ts';
import { fetchChain } from './fetch-chain.ts';
import { type FoldedRun, foldHistory } from './fold-history.ts';
import type { StartedBatch } from './read-batches.ts';
import type { ReconcileOptions } from './reconcile.ts';
import { clearContradicted } from './write-folded-batch.ts';

/**
 * Makes the rows of a run's batches equal to their histories, one batch after the other, so that a loop over very many
 * items is never in memory as a whole. Batches whose rows are all there, ended and not contradicted, are left alone.
 * Returns false when one has gone on meanwhile and must be compared again.
 */
export const reconcileBatches = async (options: ReconcileOptions, folded: FoldedRun): Promise<boolean> => {
  const started = folded.batches ?? [];
  let isDone = true;
  for (const path of new Set(started.map((batch) => batch.path))) {
    const batches = started.filter((batch) => batch.path === path);
    const known = await countRows(options.db, folded.run.runId, path, batches);
    for (const batch of batches) {
      const rows = known.get(batch.number) ?? noRows;
      const isThere = rows.open === 0 && rows.paths >= batch.items * batch.stepIds.length;
      if (isThere && rows.contradicted === 0) continue;
      isDone = (await reconcileBatch(options, folded, batch, rows)) && isDone;
    }
  }
  return isDone;
};

const reconcileBatch = async (
  options: ReconcileOptions,
  { run, entries }: FoldedRun,
  batch: StartedBatch,
  rows: Rows,
): Promise<boolean> => {
  const { client, db, ring } = options;
  const workflowId = batchWorkflowIdOf(run.orgId, run.runId, batch);
  const chain = await fetchChain(client, workflowId);
  if (!chain) return true;
  const dataConverter = createDataConverter({ ring, withoutOrg: 'withhold' });
  const decoder = createHistoryDecoder(dataConverter, client.options.namespace, workflowId);
  const folded = await foldHistory(chain, decoder);
  if (!folded) return true;
  // What ended the run has decided what waited in the batch, too.
  const ends = entries.filter(
    (entry) =>
      (entry.kind === 'repair' && !('path' in entry.repair)) ||
      (entry.kind === 'run' && isClosed(entry.transition.status)),
  );
  const sealed = await sealEntries(ring, [...folded.entries, ...ends]);
  const isWritten = await withSystem(db, async (tx) => {
    if (rows.contradicted > 0 && !(await clearContradicted(tx, folded, batch))) return false;
    await applyEntries(tx, sealed, 'history');
    return true;
  });
  if (!isWritten) return false;
  return reconcileBatches(options, { ...folded, entries: [...ends, ...entriesOf(folded.entries, 'repair')] });
};

interface Rows {
  /** How many steps of items there are. */
  readonly paths: number;
  /** Rows of steps that have not ended. */
  readonly open: number;
  /** Rows of which a workflow task that was executed again has told. */
  readonly contradicted: number;
}

const noRows: Rows = { paths: 0, open: 0, contradicted: 0 };

const countRows = async (
  db: Database,
  runId: string,
  path: string,
  [first]: readonly StartedBatch[],
): Promise<ReadonlyMap<number, Rows>> => {
  const { size = 1, stepIds = [] } = first ?? {};
  const prefix = `${path}[`;
  const rows = await withSystem(db, (tx) =>
    tx.execute<{ number: number } & Record<keyof Rows, number>>(sql`
      with inside as (
        select path, step_id, status, temporal_run_id, split_part(substr(path, ${prefix.length + 1}::int), ']', 1)::int as index
        from run_steps where run_id = ${runId} and starts_with(path, ${prefix})
      )
      select
        index / ${size}::int as number,
        (count(distinct path) filter (
          where step_id = any(${sql.param([...stepIds])}::text[]) and path = ${prefix} || index || '].' || step_id
        ))::int as paths,
        (count(*) filter (where status not in ('succeeded', 'skipped', 'failed', 'cancelled', 'simulated')))::int as open,
        (count(*) filter (where temporal_run_id = ${contradicted}))::int as contradicted
      from inside group by 1`),
  );
  return new Map(rows.map(({ number, ...counted }) => [number, counted]));
};
