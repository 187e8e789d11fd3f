import { workflowIdOf } from '@everwave/schema/ids';
import type { MigrationProblem } from '@everwave/schema/interpreter';
import { type MigrateReply, type MigrateRequest, migrateUpdate } from '@everwave/schema/run';
import type { Client } from '@temporalio/client';
import { toRefusal } from './refusal.ts';

export type MigrateResult =
  | { readonly ok: true; readonly reply: MigrateReply | null }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly message: string;
      readonly problems: readonly MigrationProblem[];
    };

/** Milliseconds a migration waits for a worker. */
const migrateTimeout = 20_000;

/**
 * Has a run go on under another version of its flow, or asks whether it could. Idempotent: a run that is on that version
 * already has been migrated. Throws only when Temporal itself cannot be reached.
 */
export const migrateRun = async (
  client: Client,
  { orgId, runId }: { readonly orgId: string; readonly runId: string },
  request: MigrateRequest,
): Promise<MigrateResult> => {
  const handle = client.workflow.getHandle(workflowIdOf(orgId, runId));
  // A question is a refused update: it is asked anew each time.
  const updateId = request.isPreview ? {} : { updateId: `migrate:${request.requestId}` };
  try {
    const reply = await client.withDeadline(Date.now() + migrateTimeout, () =>
      handle.executeUpdate<MigrateReply, [MigrateRequest]>(migrateUpdate, { args: [request], ...updateId }),
    );
    return { ok: true, reply };
  } catch (error) {
    const { reason, message, details } = toRefusal(error, {
      ended: 'This run has ended. Start it again on another version instead.',
      noWorker: 'No worker answered. The run may still change its version when one is back.',
    });
    if (reason === 'fits') return { ok: true, reply: null };
    const ended: readonly MigrationProblem[] = reason === 'run_not_open' ? [{ code: reason, message }] : [];
    return { ok: false, reason, message, problems: (details as readonly MigrationProblem[] | undefined) ?? ended };
  }
};
