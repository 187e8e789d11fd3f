import type { FixedStatement, FixedStatements } from '@everwave/schema/db';
import type { Entry, EntryOf } from './entry.ts';
import { toRecordsets } from './recordsets.ts';

/** How far the rows of a run had come. */
export interface KnownRun {
  /** The Temporal run that it was last heard of in. */
  readonly temporalRunId: string | null;
  readonly seq: number;
}

/** From this number on, the rows of a Temporal run may stand for what a workflow task did that never completed. */
interface Contradiction {
  readonly run_id: string;
  readonly temporal_run_id: string;
  readonly seq: number;
  readonly in_batch: boolean;
}

interface Told extends Contradiction {
  readonly heard: 'first' | 'again';
  readonly steps: EntryOf<'step'>[];
}

/** The Temporal run of a row in a batch whose history is to be read, whatever else its rows say. */
export const contradicted = '';

/**
 * Workflow tasks that were executed again: this worker has heard of them before, or it has not, but the rows have, because
 * another worker told of them before it died. To be asked before the rows are written.
 */
export const findContradictions = async (
  sql: FixedStatements,
  entries: readonly Entry[],
  known: ReadonlyMap<string, KnownRun>,
): Promise<Contradiction[]> => {
  const told = gather(entries);
  const isInRun = ({ run_id, temporal_run_id, seq, in_batch }: Told): boolean => {
    const before = known.get(run_id);
    return !in_batch && before?.temporalRunId === temporal_run_id && before.seq >= seq;
  };
  const sure = told.filter((each) => each.heard === 'again' || isInRun(each));
  // Of a run that has not begun there are no rows that could say something else.
  const open = told.filter((each) => !sure.includes(each) && (known.get(each.run_id)?.temporalRunId ?? null) !== null);
  const found = await Promise.all(toRecordsets(open.flatMap(toSteps)).map((given) => findInSteps(sql, given)));
  const keys = new Set(found.flat().map(({ temporal_run_id }) => temporal_run_id));
  return [...sure, ...open.filter(({ temporal_run_id }) => keys.has(temporal_run_id))].map(
    ({ heard: _heard, steps: _steps, ...contradiction }) => contradiction,
  );
};

const gather = (entries: readonly Entry[]): Told[] => {
  const told = new Map<string, Told>();
  for (const entry of entries) {
    if ((entry.kind !== 'run' && entry.kind !== 'step') || !entry.heard) continue;
    const { run, temporalRunId, transition, heard } = entry;
    const key = `${heard} ${run.runId} ${temporalRunId}`;
    const before = told.get(key);
    const steps = before?.steps ?? [];
    if (entry.kind === 'step') steps.push(entry);
    told.set(key, {
      run_id: run.runId,
      temporal_run_id: temporalRunId,
      seq: Math.min(transition.seq, before?.seq ?? transition.seq),
      in_batch: 'inBatch' in entry,
      heard,
      steps,
    });
  }
  return [...told.values()];
};

const toSteps = ({ steps, seq }: Told) =>
  steps.map(({ run, temporalRunId, transition: { path, ordinal } }) => ({
    run_id: run.runId,
    temporal_run_id: temporalRunId,
    path,
    ordinal,
    seq,
  }));

/** By the rows' own keys: a run may have a hundred thousand. */
const findInSteps = (sql: FixedStatements, given: string) => sql<{ temporal_run_id: string }[]>`
  select distinct step.temporal_run_id
  from jsonb_to_recordset(${given}::jsonb)
    as given (run_id text, temporal_run_id text, path text, ordinal integer, seq integer)
  join run_steps as step on step.run_id = given.run_id and step.path = given.path and step.ordinal = given.ordinal
  where step.temporal_run_id = given.temporal_run_id and step.seq >= given.seq`;

/**
 * Has the runs compared with their histories at once. A batch whose rows are all there would be left alone: those in doubt
 * are marked. To be sent after the rows are written.
 */
export const noteContradictions = (sql: FixedStatements, found: readonly Contradiction[]): FixedStatement[] => [
  ...toRecordsets(found).map(
    (given) => sql`
      update runs as run set diverged_at = clock_timestamp()
      from (select distinct run_id from jsonb_to_recordset(${given}::jsonb) as each (run_id text)) as given
      where run.id = given.run_id and run.status <> 'superseded'`,
  ),
  ...toRecordsets(found.filter(({ in_batch }) => in_batch)).map(
    (given) => sql`
      update run_steps as step set temporal_run_id = ${contradicted}::text
      from jsonb_to_recordset(${given}::jsonb) as given (run_id text, temporal_run_id text, seq integer)
      where step.run_id = given.run_id and step.temporal_run_id = given.temporal_run_id and step.seq >= given.seq`,
  ),
];
