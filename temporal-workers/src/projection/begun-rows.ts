import { tables, type Transaction } from '@everwave/schema/db';
import { numberOfFork } from '@everwave/schema/flow';
import { workflowIdOf } from '@everwave/schema/ids';
import type { ForkOf } from '@everwave/schema/run';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import { sealFork } from '@everwave/temporal/runs';
import type { EntryOf } from './entry.ts';

export type BegunRow = typeof tables.runs.$inferInsert;

/** Rows of sub-flows' runs, ordered by id so that two workers that write the same ones do not wait in a circle. */
export const toBegunRows = async (ring: KeyRing, entries: readonly EntryOf<'started'>[]): Promise<BegunRow[]> => {
  const byId = new Map(entries.map((entry) => [entry.run.runId, entry]));
  const rows = await Promise.all([...byId.values()].map((entry) => toBegunRow(ring, entry)));
  return rows.toSorted((left, right) => (left.id < right.id ? -1 : 1));
};

const toBegunRow = async (
  ring: KeyRing,
  { run, flowVersion, planHash, rootRunId, trigger, parent, requestId, env, fork, at }: EntryOf<'started'>,
): Promise<BegunRow> => {
  const { orgId, runId, flowId } = run;
  return {
    id: runId,
    orgId,
    flowId,
    flowVersion,
    planHash,
    status: 'running',
    triggerNodeId: trigger.stepId,
    triggerKind: trigger.kind,
    rootRunId,
    parentRunId: parent.runId,
    parentPath: parent.path,
    parentOrdinal: parent.ordinal,
    parentWaits: parent.waits,
    requestId,
    workflowId: workflowIdOf(orgId, runId),
    triggerSealed: await ring.sealJson(orgId, trigger.data, additionalData.runTrigger(runId)),
    ...(env && { variablesSealed: await ring.sealJson(orgId, env, additionalData.runVariables(runId)) }),
    createdAt: new Date(at),
    startedAt: new Date(at),
    updatedAt: new Date(at),
    nextStartAt: new Date(at),
    ...(fork && (await toForkColumns(ring, { orgId, runId, fork }))),
  };
};

/** As the api writes them: should Temporal lose the run, it is started from there. */
const toForkColumns = async (
  ring: KeyRing,
  { orgId, runId, fork }: { readonly orgId: string; readonly runId: string; readonly fork: ForkOf },
): Promise<Partial<BegunRow>> => {
  const { generation, ...stored } = fork;
  return {
    forkOfRunId: fork.originRunId,
    forkAt: fork.at,
    forkNumber: numberOfFork(generation),
    forkSealed: await sealFork(ring, { orgId, runId }, stored),
  };
};

/** The parent reports it as well as the run itself: whoever comes second changes nothing. */
export const writeBegun = async (tx: Transaction, rows: readonly BegunRow[]): Promise<void> => {
  if (rows.length > 0)
    await tx
      .insert(tables.runs)
      .values([...rows])
      .onConflictDoNothing();
};
