import { createHash, randomUUIDv7 } from 'node:crypto';
import type { Repair, StepTransition } from '@everwave/schema/interpreter';
import { tables, type Transaction } from '@everwave/schema/db';
import { isClosed, type RunStatus } from '@everwave/schema/run';
import { toId } from '@everwave/schema/ids';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import type { Entry, RunReference } from './entry.ts';

const { deadLetters } = tables;
type Resolution = NonNullable<typeof deadLetters.$inferSelect.resolution>;

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
const resolutionOfEnd = (status: RunStatus): Resolution => (status === 'cancelled' ? 'run_cancelled' : 'expired');

/** Equal for failures that want the same repair. */
export const fingerprintOf = (flowId: string, stepId: string, failureName: string): string =>
  createHash('sha256')
    .update(JSON.stringify([flowId, stepId, failureName]))
    .digest('hex');

/** Applies the changes in their order. Repeatable: a dead letter is opened once and resolved once. */
export const writeDeadLetters = async (tx: Transaction, changes: readonly DeadLetterChange[]): Promise<void> => {
  const mayBeOpen = await runsWithDeadLetters(tx, changes);
  for (const { run, at, change } of changes) {
    if (change.type === 'open') await open(tx, run, change.transition, change.inputSealed);
    else if (mayBeOpen.has(run.runId)) {
      await tx
        .update(deadLetters)
        .set({ resolvedAt: new Date(at), resolution: change.resolution, resolvedBy: change.by })
        .where(
          and(
            eq(deadLetters.runId, run.runId),
            isNull(deadLetters.resolvedAt),
            ...(change.path === null ? [] : [eq(deadLetters.path, change.path)]),
          ),
        );
    }
  }
};

/** Every run's end resolves what is open, and hardly any run has something open: one question for all of them. */
const runsWithDeadLetters = async (
  tx: Transaction,
  changes: readonly DeadLetterChange[],
): Promise<ReadonlySet<string>> => {
  if (changes.length === 0) return new Set();
  const rows = await tx
    .select({ runId: deadLetters.runId })
    .from(deadLetters)
    .where(
      and(
        inArray(deadLetters.runId, [...new Set(changes.map(({ run }) => run.runId))]),
        isNull(deadLetters.resolvedAt),
      ),
    );
  const opened = changes.filter(({ change }) => change.type === 'open').map(({ run }) => run.runId);
  return new Set([...opened, ...rows.map(({ runId }) => runId)]);
};

type Opened = DeadLetterChange & { readonly change: { readonly type: 'open' } };
type Resolved = DeadLetterChange & { readonly change: { readonly type: 'resolve' } };

/**
 * Makes the dead letters of runs what their whole history says: which was opened, and which repair resolved it. A repair
 * resolves what had been opened before it, not what the same step opened since.
 */
export const restoreDeadLetters = async (tx: Transaction, changes: readonly DeadLetterChange[]): Promise<void> => {
  const letters: { readonly opened: Opened; resolved: Resolved | null }[] = [];
  for (const { run, at, change } of changes) {
    if (change.type === 'open') letters.push({ opened: { run, at, change }, resolved: null });
    else {
      const isMeant = ({ opened }: (typeof letters)[number]) =>
        opened.run.runId === run.runId && (change.path === null || change.path === opened.change.transition.path);
      for (const letter of letters) if (isMeant(letter)) letter.resolved ??= { run, at, change };
    }
  }
  for (const { opened, resolved } of letters) {
    await open(tx, opened.run, opened.change.transition, opened.change.inputSealed);
    const { runId } = opened.run;
    const { path, ordinal } = opened.change.transition;
    await tx
      .update(deadLetters)
      .set({
        resolvedAt: resolved && new Date(resolved.at),
        resolution: resolved?.change.resolution ?? null,
        resolvedBy: resolved?.change.by ?? null,
      })
      .where(and(eq(deadLetters.runId, runId), eq(deadLetters.path, path), eq(deadLetters.ordinal, ordinal)));
  }
  // An end resolves also what was opened in a part of the history that is gone.
  await writeDeadLetters(
    tx,
    changes.filter(({ change }) => change.type === 'resolve' && change.path === null),
  );
};

const open = async (
  tx: Transaction,
  { orgId, runId, flowId }: RunReference,
  { path, ordinal, stepId, failure, attempts, at }: StepTransition,
  inputSealed: Uint8Array | null,
): Promise<void> => {
  const known = failure ?? { name: 'failed', message: 'The step failed without saying why.' };
  await tx
    .insert(deadLetters)
    .values({
      id: toId('dead', randomUUIDv7()),
      orgId,
      runId,
      flowId,
      path,
      ordinal,
      stepId,
      fingerprint: fingerprintOf(flowId, stepId, known.name),
      failure: known,
      attempts: attempts ?? known.attempt ?? 1,
      inputSealed,
      openedAt: new Date(at),
    })
    .onConflictDoNothing();
};
