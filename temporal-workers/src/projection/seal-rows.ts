import type { RunTransition, StepTransition } from '@everwave/schema/interpreter';
import type { tables } from '@everwave/schema/db';
import { isClosed, isSettled, type RunStatus } from '@everwave/schema/run';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import { sealShown, type Shown } from '@everwave/temporal/values';
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

const sealed = (ring: KeyRing, orgId: string, shown: Shown | null, binding: string): Promise<Uint8Array | null> =>
  shown === null ? Promise.resolve(null) : sealShown(ring, orgId, shown, binding);

const shownInput = ({ input, recipe }: StepTransition): Shown | null => {
  if (input !== undefined) return { value: input };
  return recipe ? { recipe } : null;
};

const shownOutput = ({ output, outputReference }: StepTransition | RunTransition): Shown | null => {
  if (output !== undefined) return { value: output };
  return outputReference ? { reference: outputReference } : null;
};

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

const kept = ({ input, recipe, output, outputReference, attempts }: StepTransition) => ({
  ...(input === undefined ? {} : { input }),
  ...(recipe === undefined ? {} : { recipe }),
  ...(output === undefined ? {} : { output }),
  ...(outputReference === undefined ? {} : { outputReference }),
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
    inputSealed: await sealed(ring, orgId, shownInput(transition), additionalData.stepInput(runId, path, ordinal)),
    outputSealed: await sealed(ring, orgId, shownOutput(transition), additionalData.stepOutput(runId, path, ordinal)),
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
    outputSealed: await sealed(ring, run.orgId, shownOutput(transition), additionalData.runOutput(run.runId)),
    startedAt: startedAt === null ? null : new Date(startedAt),
    finishedAt: isClosed(status) ? new Date(transition.at) : null,
  };
};

/** A dead letter's own sealed copy of the step's input. */
export const sealDeadLetterInput = (
  ring: KeyRing,
  { orgId, runId }: RunReference,
  transition: StepTransition,
): Promise<Uint8Array | null> => {
  const { path, ordinal } = transition;
  return sealed(ring, orgId, shownInput(transition), additionalData.deadLetterInput(runId, path, ordinal));
};
