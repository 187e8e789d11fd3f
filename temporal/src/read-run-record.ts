import { type Database, tables, withOrg } from '@everwave/schema/db';
import type { Json, Variables } from '@everwave/schema/flow';
import type { RunRecord } from '@everwave/schema/interpreter';
import { desc, eq } from 'drizzle-orm';
import { additionalData } from './encryption/additional-data.ts';
import type { KeyRing } from './encryption/key-ring.ts';
import { openShown } from './values/open-shown.ts';

const { runs, runSteps } = tables;
type StepRow = typeof runSteps.$inferSelect;

export interface RecordedRun {
  readonly run: typeof runs.$inferSelect;
  /** The run's last transition. */
  readonly seq: number;
  readonly record: RunRecord;
  /** What it began with as `env`. */
  readonly env: Variables;
}

/** What the projection knows of a run, opened. Null when the org has no such run. */
export const readRunRecord = async (
  db: Database,
  ring: KeyRing,
  { orgId, runId }: { readonly orgId: string; readonly runId: string },
): Promise<RecordedRun | null> => {
  const { run, rows } = await withOrg(db, orgId, async (tx) => {
    const [found] = await tx.select().from(runs).where(eq(runs.id, runId));
    const steps = await tx
      .select()
      .from(runSteps)
      .where(eq(runSteps.runId, runId))
      .orderBy(runSteps.path, desc(runSteps.ordinal));
    return { run: found, rows: steps };
  });
  if (!run) return null;
  const newest = rows.filter(({ path }, index) => rows[index - 1]?.path !== path);
  return {
    run,
    seq: rows.reduce((highest, { seq }) => Math.max(highest, seq), run.seq),
    env: run.variablesSealed
      ? await ring.openJson<Variables>(orgId, run.variablesSealed, additionalData.runVariables(runId))
      : {},
    record: {
      triggerStepId: run.triggerNodeId,
      ...(run.forkOfRunId !== null && { isOfFork: true }),
      trigger: await ring.openJson<Json>(orgId, run.triggerSealed, additionalData.runTrigger(runId)),
      steps: await Promise.all(newest.map((row) => toTransition(ring, row))),
    },
  };
};

const toTransition = async (ring: KeyRing, row: StepRow): Promise<RunRecord['steps'][number]> => {
  const { orgId, runId, path, ordinal, stepId, generation, status, seq, attempts, failure, dueAt } = row;
  const { inputSealed, outputSealed } = row;
  const open = (sealed: Uint8Array | null, binding: string) =>
    sealed ? openShown(ring, { orgId, sealed, binding }) : null;
  const input = await open(inputSealed, additionalData.stepInput(runId, path, ordinal));
  const output = await open(outputSealed, additionalData.stepOutput(runId, path, ordinal));
  return {
    seq,
    at: (row.finishedAt ?? row.updatedAt).getTime(),
    path,
    stepId,
    ordinal,
    status,
    ...(generation > 1 && { generation }),
    ...(attempts > 0 && { attempts }),
    ...(failure && { failure }),
    ...(dueAt && { dueAt: dueAt.getTime() }),
    ...(input && 'value' in input && { input: input.value }),
    ...(input && 'recipe' in input && { recipe: input.recipe }),
    ...(output && 'value' in output && { output: output.value }),
    ...(output && 'reference' in output && { outputReference: output.reference }),
  };
};
