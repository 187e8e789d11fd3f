import type { MigratePreview, RunMigration, RunMigrationReply } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { withOrg } from '@everwave/schema/db';
import { isClosed } from '@everwave/schema/run';
import type { MigrateResult } from '@everwave/temporal/runs';
import type { ServiceContext } from '../../context.ts';
import { readPlan } from '../../dispatch/plan-cache.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { chooseVersion } from './choose-version.ts';
import { getRun } from './find-run.ts';

/** Asks the run itself whether it could go on under a version; nothing enters its history. */
export const previewMigration = async (
  context: ServiceContext,
  runId: string,
  request: RunMigration,
): Promise<MigratePreview> => {
  const { flowVersion, result } = await ask(context, runId, request, true);
  return {
    runId: runIdSchema.parse(runId),
    flowVersion,
    fits: result.ok,
    problems: result.ok ? [] : result.problems.map((each) => ({ ...each })),
  };
};

/** Has a run that waits go on under another version of its flow. Idempotent: a run that is there already stays. */
export const migrateRunOfOrg = async (
  context: ServiceContext,
  runId: string,
  request: RunMigration,
): Promise<RunMigrationReply> => {
  const { flowVersion, result } = await ask(context, runId, request, false);
  const isThere = !result.ok && result.reason === 'same_version';
  if (!result.ok && !isThere) {
    throw problem('migration_refused', result.message, {
      errors: result.problems.map(({ code, stepId = '', message }) => ({ path: stepId, message, code })),
    });
  }
  await withOrg(context.db, context.caller.orgId, (tx) =>
    audit(tx, context, { action: 'run.migrated', target: { kind: 'run', id: runId }, details: { flowVersion } }),
  );
  const status = result.ok ? (result.reply?.status ?? 'waiting') : 'waiting';
  return { runId: runIdSchema.parse(runId), flowVersion, status };
};

const ask = async (
  context: ServiceContext,
  runId: string,
  { version, requestId }: RunMigration,
  isPreview: boolean,
): Promise<{ readonly flowVersion: number; readonly result: MigrateResult }> => {
  const { db, caller, temporal } = context;
  const { run, chosen, plan } = await withOrg(db, caller.orgId, async (tx) => {
    const found = await getRun(tx, context, runId);
    const target = await chooseVersion(tx, context, found, version);
    return { run: found, chosen: target, plan: await readPlan(tx, caller.orgId, target.planHash) };
  });
  const { flowVersion, planHash } = chosen;
  const refused = (code: 'run_not_open' | 'run_not_waiting', message: string) => ({
    flowVersion,
    result: { ok: false as const, reason: code, message, problems: [{ code, message }] },
  });
  if (isClosed(run.status)) {
    return refused('run_not_open', `This run is ${run.status}. Start it again on another version instead.`);
  }
  if (run.status === 'queued' || run.hostWorkflowId !== null) {
    return refused('run_not_waiting', 'This run does not wait. It can change its version while it does.');
  }
  const request = {
    requestId: requestId ?? context.requestId,
    by: { userId: caller.id, name: caller.name, role: caller.role },
    plan,
    planHash,
    ...(isPreview && { isPreview: true as const }),
  };
  const unavailable = (cause?: unknown) =>
    problem('temporal_unavailable', 'Temporal or its worker does not answer. Try again shortly.', {
      headers: { 'retry-after': '5' },
      cause,
    });
  const result = await temporal.migrateRun({ orgId: run.orgId, runId }, request).catch((error: unknown) => {
    throw unavailable(error);
  });
  if (!result.ok && result.reason === 'no_worker') throw unavailable();
  if (!result.ok && result.reason === 'run_stuck') throw problem('run_stuck', result.message);
  return { flowVersion, result };
};
