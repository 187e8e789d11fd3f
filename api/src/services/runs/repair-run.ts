import type { RunRepair, RunRepairReply } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import type { RepairRequest } from '@everwave/schema/run';
import { runIdSchema } from '@everwave/schema/ids';
import { tables, withOrg } from '@everwave/schema/db';
import type { RepairResult } from '@everwave/temporal/runs';
import { eq } from 'drizzle-orm';
import type { Actor, ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { refuseMasked } from '../masking/refuse-masked.ts';
import { getRun, type RunRow } from './find-run.ts';
import { largestStepValue, refuseTooLarge } from './queue-run.ts';

const { runs } = tables;

/** For requests, and for repairs that a person asked for earlier. */
export interface RepairContext extends Pick<ServiceContext, 'db' | 'temporal' | 'permission' | 'requestId'> {
  readonly caller: Actor;
}

/**
 * Asks the run itself: it checks the repair against its own state before anything enters its history. The audit log has
 * two rows: who asked for what, written first so that no repair is without one, and what came of it.
 */
export const repairRunOfOrg = async (
  context: RepairContext,
  runId: string,
  repair: RunRepair,
): Promise<RunRepairReply> => {
  if ('input' in repair && repair.input !== undefined)
    refuseTooLarge(repair.input, 'The input', largestStepValue, 'input');
  if ('edit' in repair && repair.edit !== undefined) {
    if ('input' in repair && repair.input !== undefined) {
      throw problem('invalid_request', 'Send an input, or an edit of the one that the step had.', {
        errors: [{ path: 'edit', message: 'Not together with an input.', code: 'custom' }],
      });
    }
    refuseTooLarge(repair.edit, 'The edit', largestStepValue, 'edit');
  }
  if ('output' in repair) refuseTooLarge(repair.output, 'The output', largestStepValue, 'output');
  for (const field of ['input', 'edit', 'output'] as const) {
    if (field in repair) refuseMasked((repair as { readonly [name in typeof field]?: Json })[field], field);
  }
  const requestId = repair.requestId ?? context.requestId;
  const reply = (status: string): RunRepairReply => ({
    runId: runIdSchema.parse(runId),
    action: repair.action,
    requestId,
    status,
  });
  const run = await noteIntent(context, runId, repair, requestId);
  if (run === 'cancelled_before_start') return reply('cancelled');
  if (run.status === 'queued') {
    throw problem(
      'repair_refused',
      'The run has not started yet. It can be cancelled, or repaired once a step is parked.',
    );
  }
  const result = await send(context, run, repair, requestId);
  await noteOutcome(context, runId, repair, result);
  if (result.ok) return reply(result.reply.status);
  if (result.reason === 'no_worker') throw problem('temporal_unavailable', result.message);
  throw problem('repair_refused', result.message, {
    errors: [{ path: 'path' in repair ? repair.path : '', message: result.message, code: result.reason }],
  });
};

const noteIntent = (
  context: RepairContext,
  runId: string,
  repair: RunRepair,
  requestId: string,
): Promise<RunRow | 'cancelled_before_start'> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const run = await getRun(tx, context, runId, 'lock');
    await audit(tx, context, {
      action: 'run.repair_requested',
      target: { kind: 'run', id: runId },
      details: {
        requestId,
        repair: repair.action,
        ...('path' in repair ? { path: repair.path } : {}),
        ...(repair.comment ? { comment: repair.comment } : {}),
      },
    });
    if (repair.action !== 'cancelRun' || run.status !== 'queued') return run;
    // Temporal may be just starting it: the dispatcher then finds it cancelled and stops it.
    const now = new Date();
    await tx.update(runs).set({ status: 'cancelled', finishedAt: now, updatedAt: now }).where(eq(runs.id, runId));
    return 'cancelled_before_start';
  });

const send = async (
  { temporal, caller }: RepairContext,
  run: RunRow,
  repair: RunRepair,
  requestId: string,
): Promise<RepairResult> => {
  const request: RepairRequest = {
    requestId,
    by: { userId: caller.id, name: caller.name, role: caller.role },
    ...('path' in repair ? { path: repair.path } : {}),
    ...('input' in repair && repair.input !== undefined ? { input: repair.input } : {}),
    ...('edit' in repair && repair.edit !== undefined ? { edit: repair.edit } : {}),
    ...('output' in repair ? { output: repair.output } : {}),
    ...(repair.letter ? { letter: repair.letter } : {}),
  };
  try {
    return await temporal.repairRun(
      { orgId: run.orgId, runId: run.id, hostWorkflowId: run.hostWorkflowId },
      repair.action,
      request,
    );
  } catch (error) {
    throw problem('temporal_unavailable', 'Temporal does not answer. Try again shortly, with the same requestId.', {
      headers: { 'retry-after': '5' },
      cause: error,
    });
  }
};

const noteOutcome = (context: RepairContext, runId: string, repair: RunRepair, result: RepairResult): Promise<void> =>
  withOrg(context.db, context.caller.orgId, (tx) =>
    audit(tx, context, {
      action: result.ok ? 'run.repaired' : 'run.repair_refused',
      target: { kind: 'run', id: runId },
      details: { repair: repair.action, ...(result.ok ? { status: result.reply.status } : { reason: result.reason }) },
    }),
  );
