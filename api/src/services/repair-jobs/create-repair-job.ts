import { randomUUIDv7 } from 'node:crypto';
import type { GroupRepair, RepairJob, RepairPreview } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import { type RepairJobId, toId } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { and, eq, isNull } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { hashRequest } from '../runs/claim-key.ts';
import { refuseMasked } from '../masking/refuse-masked.ts';
import { largestStepValue, refuseTooLarge } from '../runs/queue-run.ts';
import { chooseLetters } from './choose-letters.ts';
import { getRepairJob } from './read-repair-jobs.ts';

const { repairJobLetters, repairJobs } = tables;

/** Rows in one statement. */
const lettersPerStatement = 1_000;

export const previewRepair = (
  context: ServiceContext,
  fingerprint: string,
  repair: GroupRepair,
): Promise<RepairPreview> =>
  withOrg(
    context.db,
    context.caller.orgId,
    async (tx) => (await chooseLetters(tx, context, fingerprint, repair)).preview,
  );

/** Begins the repair of a group: from here on it is carried out whatever becomes of this process. */
export const createRepairJob = async (
  context: ServiceContext,
  fingerprint: string,
  repair: GroupRepair,
): Promise<RepairJob> => {
  const { db, caller } = context;
  const sealed = await sealRepairJob(context, fingerprint, repair);
  await withOrg(db, caller.orgId, (tx) => insertRepairJob(tx, context, sealed));
  context.repairer.kick();
  return withOrg(db, caller.orgId, (tx) => getRepairJob(tx, context, { requestId: sealed.requestId }));
};

export interface SealedRepairJob {
  readonly id: RepairJobId;
  readonly fingerprint: string;
  readonly repair: GroupRepair;
  readonly requestId: string;
  readonly valueSealed: Uint8Array | null;
}

/** Outside of any transaction: sealing may fetch the org's key on a connection of its own. */
export const sealRepairJob = async (
  { ring, caller, requestId }: ServiceContext,
  fingerprint: string,
  repair: GroupRepair,
): Promise<SealedRepairJob> => {
  const value = valueOf(repair);
  if (value !== null) {
    refuseTooLarge(value, 'The edit or output', largestStepValue, 'output' in repair ? 'output' : 'edit');
    refuseMasked(value, '');
  }
  const id = toId('rep', randomUUIDv7());
  return {
    id,
    fingerprint,
    repair,
    requestId: repair.requestId ?? requestId,
    valueSealed: value === null ? null : await ring.sealJson(caller.orgId, value, additionalData.repairJobValue(id)),
  };
};

const valueOf = (repair: GroupRepair): Json | null => {
  if (repair.action === 'complete') return { output: repair.output };
  return repair.action === 'retry' && repair.edit ? { edit: repair.edit } : null;
};

/** Adds the job with its letters. The same request again adds nothing; while another is open, there is a refusal. */
export const insertRepairJob = async (
  tx: Transaction,
  context: Pick<ServiceContext, 'caller' | 'permission' | 'requestId'>,
  { id, fingerprint, repair, requestId, valueSealed }: SealedRepairJob,
): Promise<void> => {
  const { orgId, kind, role, name, id: callerId, email } = context.caller;
  const requestHash = hashRequest({ fingerprint, ...repair, requestId } as Json);
  const isAnswered = () => isKnown(tx, { orgId, requestId, requestHash });
  if (await isAnswered()) return;
  const { letters, preview, group } = await chooseLetters(tx, context, fingerprint, repair);
  if (letters.length === 0) {
    // The same request, come at once, may have repaired them all.
    if (await isAnswered()) return;
    throw problem('nothing_to_repair', preview.words);
  }
  const inserted = await tx
    .insert(repairJobs)
    .values({
      id,
      orgId,
      fingerprint,
      ...group,
      action: repair.action,
      valueSealed,
      comment: repair.comment ?? null,
      status: repair.canary ? 'canary' : 'running',
      ratePerSecond: repair.ratePerSecond,
      preview,
      requestId,
      requestHash,
      requestedBy: { kind, id: callerId, name, email, role },
    })
    .onConflictDoNothing()
    .returning({ id: repairJobs.id });
  if (inserted.length === 0) {
    // The same request may have come twice at once.
    if (await isAnswered()) return;
    throw await inProgress(tx, orgId, fingerprint);
  }
  const rows = letters.map(({ id: letterId, runId, path, ordinal }, position) => ({
    orgId,
    jobId: id,
    position,
    letterId,
    runId,
    path,
    ordinal,
  }));
  for (let at = 0; at < rows.length; at += lettersPerStatement) {
    await tx.insert(repairJobLetters).values(rows.slice(at, at + lettersPerStatement));
  }
  await audit(tx, context, {
    action: 'dead_letters.repair_started',
    target: { kind: 'dead_letter_group', id: fingerprint },
    details: { jobId: id, action: repair.action, letters: letters.length, edited: valueSealed !== null, requestId },
  });
};

const isKnown = async (
  tx: Transaction,
  request: { readonly orgId: string; readonly requestId: string; readonly requestHash: string },
): Promise<boolean> => {
  const [earlier] = await tx
    .select({ requestHash: repairJobs.requestHash })
    .from(repairJobs)
    .where(and(eq(repairJobs.orgId, request.orgId), eq(repairJobs.requestId, request.requestId)));
  if (earlier && earlier.requestHash !== request.requestHash) {
    throw problem('idempotency_key_reused', 'This requestId began another repair. Use a new one.');
  }
  return earlier !== undefined;
};

const inProgress = async (tx: Transaction, orgId: string, fingerprint: string) => {
  const [open] = await tx
    .select()
    .from(repairJobs)
    .where(and(eq(repairJobs.orgId, orgId), eq(repairJobs.fingerprint, fingerprint), isNull(repairJobs.finishedAt)));
  const by = open?.requestedBy['name'] ?? 'Somebody';
  const message = `${by} is repairing this group already. Wait for that repair to end, or cancel it.`;
  return problem('repair_in_progress', message, {
    errors: [{ path: open?.id ?? fingerprint, message, code: 'repair_in_progress' }],
  });
};
