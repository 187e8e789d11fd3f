import { createHash, randomUUIDv7 } from 'node:crypto';
import type { Repair, StepTransition } from '@everwave/schema/interpreter';
import type { DeadLetterGroup, FixedStatements, tables } from '@everwave/schema/db';
import { isClosed, type RunStatus } from '@everwave/schema/run';
import { toId } from '@everwave/schema/ids';
import type { Entry, RunReference } from './entry.ts';
import { toBase64 } from './recordsets.ts';

type Resolution = NonNullable<typeof tables.deadLetters.$inferSelect.resolution>;

export interface DeadLetterChange {
  readonly run: RunReference;
  readonly at: number;
  readonly change:
    | { readonly type: 'open'; readonly transition: StepTransition; readonly inputSealed: Uint8Array | null }
    | {
        readonly type: 'resolve';
        /** null: every open dead letter of the run. */
        readonly path: string | null;
        readonly resolution: Resolution;
        readonly by: string | null;
      };
}

const resolutions: Record<Repair['action'], Resolution> = {
  retryStep: 'retried',
  completeStep: 'completed',
  skipStep: 'skipped',
  failRun: 'run_failed',
  cancelRun: 'run_cancelled',
};

/** Which dead letters an entry opens or resolves; null for most entries. */
export const toDeadLetterChange = (entry: Entry, inputSealed: Uint8Array | null): DeadLetterChange | null => {
  const { run } = entry;
  if (entry.kind === 'step' && entry.transition.status === 'needs_attention') {
    const { transition } = entry;
    return { run, at: transition.at, change: { type: 'open', transition, inputSealed } };
  }
  if (entry.kind === 'repair') {
    const { repair, by, at } = entry;
    const path = 'path' in repair ? repair.path : null;
    return { run, at, change: { type: 'resolve', path, resolution: resolutions[repair.action], by: by.name } };
  }
  if (entry.kind === 'run' && isClosed(entry.transition.status)) {
    const resolution = resolutionOfEnd(entry.transition.status);
    return { run, at: entry.transition.at, change: { type: 'resolve', path: null, resolution, by: null } };
  }
  return null;
};

/** What is still open when a run ends was not repaired by anybody. */
const resolutionOfEnd = (status: RunStatus): Resolution => {
  if (status === 'superseded') return 'superseded';
  return status === 'cancelled' ? 'run_cancelled' : 'expired';
};

/** Equal for failures that want the same repair. */
export const fingerprintOf = (flowId: string, stepId: string, failureName: string): string =>
  createHash('sha256')
    .update(JSON.stringify([flowId, stepId, failureName]))
    .digest('hex');

/**
 * Applies the changes in their order. Repeatable: a dead letter is opened once and resolved once. Returns the groups of
 * those it changed.
 */
export const writeDeadLetters = async (
  sql: FixedStatements,
  changes: readonly DeadLetterChange[],
  mayBeOpen: ReadonlySet<string>,
): Promise<DeadLetterGroup[]> => {
  const touched: GroupRow[] = [];
  for (const { run, at, change } of changes) {
    if (change.type === 'open') touched.push(...(await open(sql, run, change.transition, change.inputSealed)));
    else if (mayBeOpen.has(run.runId)) {
      const resolved = await sql<GroupRow[]>`
        update dead_letters set
          resolved_at = ${new Date(at).toISOString()}::timestamptz, resolution = ${change.resolution}, resolved_by = ${change.by}
        where run_id = ${run.runId} and resolved_at is null and path = coalesce(${change.path}, path)
        returning org_id, fingerprint, flow_id, step_id, failure ->> 'name' as failure_name`;
      touched.push(...resolved);
    }
  }
  return touched.map(toGroup);
};

interface GroupRow {
  readonly org_id: string;
  readonly fingerprint: string;
  readonly flow_id: string;
  readonly step_id: string;
  readonly failure_name: string;
}

const toGroup = (row: GroupRow): DeadLetterGroup => ({
  orgId: row.org_id,
  fingerprint: row.fingerprint,
  flowId: row.flow_id,
  stepId: row.step_id,
  failureName: row.failure_name,
});

/** Every run's end resolves what is open, and hardly any run has something open: one question for all of them. */
export const runsWithDeadLetters = async (
  sql: FixedStatements,
  changes: readonly DeadLetterChange[],
): Promise<ReadonlySet<string>> => {
  if (changes.length === 0) return new Set();
  const asked = [...new Set(changes.map(({ run }) => run.runId))];
  const rows = await sql<{ run_id: string }[]>`
    select run_id from dead_letters where run_id = any(${asked}::text[]) and resolved_at is null`;
  const opened = changes.filter(({ change }) => change.type === 'open').map(({ run }) => run.runId);
  return new Set([...opened, ...rows.map(({ run_id }) => run_id)]);
};

type Opened = DeadLetterChange & { readonly change: { readonly type: 'open' } };
type Resolved = DeadLetterChange & { readonly change: { readonly type: 'resolve' } };

/**
 * Makes the dead letters of runs what their whole history says: which was opened, and which repair resolved it. A repair
 * resolves what had been opened before it, not what the same step opened since.
 */
export const restoreDeadLetters = async (
  sql: FixedStatements,
  changes: readonly DeadLetterChange[],
): Promise<DeadLetterGroup[]> => {
  const letters: { readonly opened: Opened; resolved: Resolved | null }[] = [];
  for (const { run, at, change } of changes) {
    if (change.type === 'open') letters.push({ opened: { run, at, change }, resolved: null });
    else {
      const isMeant = ({ opened }: (typeof letters)[number]) =>
        opened.run.runId === run.runId && (change.path === null || change.path === opened.change.transition.path);
      for (const letter of letters) if (isMeant(letter)) letter.resolved ??= { run, at, change };
    }
  }
  const touched: GroupRow[] = [];
  for (const { opened, resolved } of letters) {
    await open(sql, opened.run, opened.change.transition, opened.change.inputSealed);
    const { runId } = opened.run;
    const { path, ordinal } = opened.change.transition;
    const restored = await sql<GroupRow[]>`
      update dead_letters set
        resolved_at = ${resolved && new Date(resolved.at).toISOString()}::timestamptz,
        resolution = ${resolved?.change.resolution ?? null},
        resolved_by = ${resolved?.change.by ?? null}
      where run_id = ${runId} and path = ${path} and ordinal = ${ordinal}::integer
      returning org_id, fingerprint, flow_id, step_id, failure ->> 'name' as failure_name`;
    touched.push(...restored);
  }
  // An end resolves also what was opened in a part of the history that is gone.
  const ends = changes.filter(({ change }) => change.type === 'resolve' && change.path === null);
  const ended = await writeDeadLetters(sql, ends, await runsWithDeadLetters(sql, ends));
  return [...touched.map(toGroup), ...ended];
};

const open = async (
  sql: FixedStatements,
  { orgId, runId, flowId }: RunReference,
  { path, ordinal, stepId, failure, attempts, at }: StepTransition,
  inputSealed: Uint8Array | null,
): Promise<readonly GroupRow[]> => {
  const known = failure ?? { name: 'failed', message: 'The step failed without saying why.' };
  return sql<GroupRow[]>`
    insert into dead_letters (
      id, org_id, run_id, flow_id, path, ordinal, step_id, fingerprint, failure, attempts, input_sealed, opened_at
    )
    values (
      ${toId('dead', randomUUIDv7())}, ${orgId}, ${runId}, ${flowId}, ${path}, ${ordinal}::integer, ${stepId},
      ${fingerprintOf(flowId, stepId, known.name)}, ${JSON.stringify(known)}::jsonb,
      ${attempts ?? known.attempt ?? 1}::integer, decode(${toBase64(inputSealed)}::text, 'base64'),
      ${new Date(at).toISOString()}::timestamptz
    )
    on conflict do nothing
    returning org_id, fingerprint, flow_id, step_id, failure ->> 'name' as failure_name`;
};
