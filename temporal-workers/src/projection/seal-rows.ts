import type { StepTransition } from '@everwave/schema/interpreter';
import type { Json } from '@everwave/schema/flow';
import type { tables } from '@everwave/schema/db';
import { isClosed, isSettled, type RunStatus } from '@everwave/schema/run';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import type { EntryOf, RunReference } from './entry.ts';

export type StepRow = typeof tables.runSteps.$inferInsert;
export type RunChange = Pick<
  typeof tables.runs.$inferSelect,
  'id' | 'orgId' | 'status' | 'seq' | 'failure' | 'startedAt' | 'finishedAt' | 'supersededByRunId'
> & {
  readonly temporalRunId: string;
  readonly hostWorkflowId: string | null;
  readonly outputSealed: Uint8Array | null;
};

const sealed = (
  ring: KeyRing,
  orgId: string,
  value: Json | undefined,
  additional: string,
): Promise<Uint8Array | null> =>
  value === undefined ? Promise.resolve(null) : ring.sealJson(orgId, value, additional);

/** Later transitions of a step win; its input, output and start are kept from whichever brought them. */
export const toStepRows = (ring: KeyRing, entries: readonly EntryOf<'step'>[]): Promise<StepRow[]> => {
  const merged = new Map<string, EntryOf<'step'> & { startedAt: number | null }>();
  for (const entry of entries) {
    const { transition, run } = entry;
    const key = `${run.runId}:${transition.path}:${transition.ordinal}`;
    const before = merged.get(key);
    const [older, newer] =
      before && before.transition.seq > transition.seq ? [entry, before] : [before ?? entry, entry];
    // What takes no time, such as a condition, starts when it is done; what is skipped never starts.
    const started = ['skipped', 'cancelled'].includes(transition.status) ? null : transition.at;
    const startedAt = [before?.startedAt ?? null, started].filter((at) => at !== null);
    merged.set(key, {
      ...newer,
      transition: { ...kept(older.transition), ...newer.transition },
      startedAt: startedAt.length > 0 ? Math.min(...startedAt) : null,
    });
  }
  return Promise.all([...merged.values()].map((entry) => toStepRow(ring, entry)));
};

const kept = ({ input, output, attempts }: StepTransition) => ({
  ...(input === undefined ? {} : { input }),
  ...(output === undefined ? {} : { output }),
  ...(attempts === undefined ? {} : { attempts }),
});

const toStepRow = async (
  ring: KeyRing,
  { run, temporalRunId, transition, startedAt }: EntryOf<'step'> & { startedAt: number | null },
): Promise<StepRow> => {
  const { path, ordinal, status, at, dueAt } = transition;
  const { orgId, runId } = run;
  return {
    orgId,
    runId,
    path,
    ordinal,
    generation: transition.generation ?? 1,
    stepId: transition.stepId,
    status,
    seq: transition.seq,
    temporalRunId,
    attempts: transition.attempts ?? 0,
    inputSealed: await sealed(ring, orgId, transition.input, additionalData.stepInput(runId, path, ordinal)),
    outputSealed: await sealed(ring, orgId, transition.output, additionalData.stepOutput(runId, path, ordinal)),
    failure: transition.failure ?? null,
    startedAt: startedAt === null ? null : new Date(startedAt),
    finishedAt: isSettled(status) ? new Date(at) : null,
    dueAt: dueAt === undefined ? null : new Date(dueAt),
    updatedAt: new Date(at),
  };
};

type NewestChange = Omit<EntryOf<'run'>, 'startedAt'> & { readonly startedAt: number | null };

/** One change per run: the newest transition, with the start of the first. */
export const toRunChanges = (ring: KeyRing, entries: readonly EntryOf<'run'>[]): Promise<RunChange[]> => {
  const newest = new Map<string, NewestChange>();
  for (const entry of entries) {
    const before = newest.get(entry.run.runId);
    const started = entry.transition.status === 'running' ? entry.transition.at : null;
    const startedAt = before?.startedAt ?? started;
    const later = before && before.transition.seq > entry.transition.seq ? before : entry;
    newest.set(entry.run.runId, { ...later, startedAt });
  }
  return Promise.all([...newest.values()].map((entry) => toRunChange(ring, entry)));
};

const toRunChange = async (
  ring: KeyRing,
  { run, temporalRunId, transition, startedAt, hostWorkflowId }: NewestChange,
): Promise<RunChange> => {
  const status: RunStatus = transition.status;
  return {
    id: run.runId,
    orgId: run.orgId,
    temporalRunId,
    hostWorkflowId: hostWorkflowId ?? null,
    status,
    seq: transition.seq,
    failure: transition.failure ?? null,
    supersededByRunId: transition.supersededBy ?? null,
    outputSealed: await sealed(ring, run.orgId, transition.output, additionalData.runOutput(run.runId)),
    startedAt: startedAt === null ? null : new Date(startedAt),
    finishedAt: isClosed(status) ? new Date(transition.at) : null,
  };
};

/** A dead letter's own sealed copy of the step's input. */
export const sealDeadLetterInput = (
  ring: KeyRing,
  { orgId, runId }: RunReference,
  { path, ordinal, input }: StepTransition,
): Promise<Uint8Array | null> => sealed(ring, orgId, input, additionalData.deadLetterInput(runId, path, ordinal));
