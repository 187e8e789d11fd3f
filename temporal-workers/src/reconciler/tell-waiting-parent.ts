import { type Database, tables, type Transaction, withSystem } from '@everwave/schema/db';
import type { Json } from '@everwave/schema/flow';
import { workflowIdOf } from '@everwave/schema/ids';
import type { ChildEnd } from '@everwave/schema/interpreter';
import { type ChildEnded, childEndedSignal, isClosed } from '@everwave/schema/run';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { and, eq } from 'drizzle-orm';

const { runs, runSteps } = tables;
type RunRow = typeof runs.$inferSelect;

interface TellOptions {
  readonly client: Client;
  readonly db: Database;
  readonly ring: KeyRing;
}

/**
 * Tells the run that waits for a sub-flow how that ended, where it could not say so itself: it was ended in Temporal, and
 * its parent was in another history by then. Said twice it is heard once. `batchWorkflowId`: where the step that waits
 * stands in a batch of its run. False when there was nothing to tell.
 */
export const tellWaitingParent = async (
  { client, db, ring }: TellOptions,
  runId: string,
  batchWorkflowId: string | undefined,
): Promise<boolean> => {
  const child = await withSystem(db, (tx) => findAwaited(tx, runId));
  if (!child) return false;
  const { orgId, parentRunId, parentPath, parentOrdinal } = child;
  const end = await toEnd(ring, child);
  const ended: ChildEnded = { path: parentPath ?? '', ordinal: parentOrdinal ?? 1, end };
  const workflowId = batchWorkflowId ?? workflowIdOf(orgId, parentRunId ?? '');
  try {
    await client.workflow.getHandle(workflowId).signal(childEndedSignal, ended);
    return true;
  } catch (error) {
    // It has ended meanwhile, or is to be started again: then it asks anew.
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
};

/** The run, when it has ended and the step that started it still waits. */
const findAwaited = async (tx: Transaction, runId: string): Promise<RunRow | null> => {
  const [child] = await tx.select().from(runs).where(eq(runs.id, runId));
  if (!child || child.parentWaits !== true || !isClosed(child.status)) return null;
  const { parentRunId, parentPath, parentOrdinal } = child;
  if (parentRunId === null || parentPath === null) return null;
  const [step] = await tx
    .select({ status: runs.status })
    .from(runSteps)
    .innerJoin(runs, eq(runs.id, runSteps.runId))
    .where(
      and(
        eq(runSteps.runId, parentRunId),
        eq(runSteps.path, parentPath),
        eq(runSteps.ordinal, parentOrdinal ?? 1),
        eq(runSteps.status, 'waiting'),
      ),
    );
  return step && !isClosed(step.status) ? child : null;
};

const toEnd = async (
  ring: KeyRing,
  { id, orgId, status, failure, outputSealed, supersededByRunId }: RunRow,
): Promise<ChildEnd> => {
  if (status === 'cancelled') return { status };
  if (status === 'succeeded') {
    if (!outputSealed) return { status };
    return { status, output: await ring.openJson<Json>(orgId, outputSealed, additionalData.runOutput(id)) };
  }
  if (status !== 'superseded') {
    return { status: 'failed', failure: failure ?? { name: 'failed', message: 'The run failed.' } };
  }
  const message = `It was started again as ${supersededByRunId}, which is not part of this run.`;
  return { status: 'failed', failure: { name: 'superseded', message } };
};
