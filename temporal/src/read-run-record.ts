import { type Database, tables, withOrg } from '@everwave/schema/db';
import type { Json, Variables } from '@everwave/schema/flow';
import type { RunRecord } from '@everwave/schema/interpreter';
import { and, desc, eq, gt, sql } from 'drizzle-orm';
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

/** Rows in memory as they are stored, at a time: a run may have a hundred thousand, and each takes its place twice once it is opened. */
export const rowsPerPage = 500;
/** Readings until one is taken in which the run went on. */
const readings = 3;

interface Address {
  readonly orgId: string;
  readonly runId: string;
}

/**
 * What the projection knows of a run, opened. Null when the org has no such run. Of a run that does not come to rest it may
 * tell more than `seq` says: whoever names that number to the run is refused.
 */
export const readRunRecord = async (db: Database, ring: KeyRing, address: Address): Promise<RecordedRun | null> => {
  for (let reading = 1; ; reading += 1) {
    const before = await readHead(db, address);
    if (!before) return null;
    const [record, env] = [await readRecord(db, ring, before.run), await readVariables(ring, before.run)];
    const after = await readHead(db, address);
    if (reading === readings || (after?.seq === before.seq && after.run.status === before.run.status)) {
      return { ...before, record, env };
    }
  }
};

const readHead = (db: Database, { orgId, runId }: Address): Promise<Pick<RecordedRun, 'run' | 'seq'> | null> =>
  withOrg(db, orgId, async (tx) => {
    const [run] = await tx.select().from(runs).where(eq(runs.id, runId));
    const [steps] = await tx
      .select({ seq: sql<number>`coalesce(max(${runSteps.seq}), 0)::int` })
      .from(runSteps)
      .where(eq(runSteps.runId, runId));
    return run ? { run, seq: Math.max(run.seq, steps?.seq ?? 0) } : null;
  });

const readVariables = async (ring: KeyRing, { id, orgId, variablesSealed }: RecordedRun['run']): Promise<Variables> =>
  variablesSealed ? ring.openJson<Variables>(orgId, variablesSealed, additionalData.runVariables(id)) : {};

const readRecord = async (db: Database, ring: KeyRing, run: RecordedRun['run']): Promise<RunRecord> => {
  const { id, orgId } = run;
  const steps: RunRecord['steps'][number][] = [];
  for (let page = await readPage(db, run, null); page.length > 0; page = await readPage(db, run, page.at(-1))) {
    steps.push(...(await Promise.all(page.map((row) => toTransition(ring, row)))));
    if (page.length < rowsPerPage) break;
  }
  return {
    triggerStepId: run.triggerNodeId,
    ...(run.forkOfRunId !== null && { isOfFork: true }),
    trigger: await ring.openJson<Json>(orgId, run.triggerSealed, additionalData.runTrigger(id)),
    steps,
  };
};

/** The newest of each path; a transaction of its own, because opening a row may fetch a key on another connection. */
const readPage = (
  db: Database,
  { id, orgId }: RecordedRun['run'],
  last: StepRow | null | undefined,
): Promise<StepRow[]> =>
  withOrg(db, orgId, (tx) =>
    tx
      .selectDistinctOn([runSteps.path])
      .from(runSteps)
      .where(and(eq(runSteps.runId, id), last ? gt(runSteps.path, last.path) : undefined))
      .orderBy(runSteps.path, desc(runSteps.ordinal))
      .limit(rowsPerPage),
  );

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
