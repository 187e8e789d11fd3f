import { createHash } from 'node:crypto';
import type { StepTransition } from '@everwave/schema/interpreter';
import { tables, type Transaction } from '@everwave/schema/db';
import { toId } from '@everwave/schema/ids';
import type { ApprovalWait, EventWait, GivenAnswer } from '@everwave/schema/run';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { EntryOf, RunReference } from './entry.ts';

const { approvals, eventWaits } = tables;

type EventWaitRow = typeof eventWaits.$inferInsert;
type ApprovalRow = typeof approvals.$inferInsert;
type ApprovalStatus = ApprovalRow['status'];
/** What is known of a wait's end when its beginning was written before. */
type EventWaitEnd = Pick<EventWaitRow, 'runId' | 'path' | 'ordinal' | 'seq'> & { readonly closedAt: Date };
type ApprovalEnd = Pick<ApprovalRow, 'id' | 'runId' | 'seq' | 'status' | 'answersSealed' | 'answeredBy'> & {
  readonly closedAt: Date;
};

/** Steps that began, or ceased, to wait for something from outside. */
export interface SealedWaits {
  readonly events: readonly EventWaitRow[];
  readonly eventEnds: readonly EventWaitEnd[];
  readonly approvals: readonly ApprovalRow[];
  readonly approvalEnds: readonly ApprovalEnd[];
}

/** The same for the same request, so that a projection built anew has the same addresses. */
export const approvalIdOf = (runId: string, path: string, ordinal: number): string =>
  toId(
    'apr',
    createHash('sha256')
      .update(JSON.stringify([runId, path, ordinal]))
      .digest('hex')
      .slice(0, 32),
  );

interface Merged {
  readonly run: RunReference;
  opened?: StepTransition;
  /** The first transition that waited. */
  since?: number;
  newest: StepTransition;
}

/** By step and ordinal: what it waited for last, and the newest that is known of it. */
const merge = (entries: readonly EntryOf<'step'>[]): readonly Merged[] => {
  const merged = new Map<string, Merged>();
  for (const { run, transition } of entries) {
    if (transition.waitsFor === undefined) continue;
    const key = JSON.stringify([run.runId, transition.path, transition.ordinal]);
    const found = merged.get(key) ?? { run, newest: transition };
    merged.set(key, found);
    if (transition.seq >= found.newest.seq) found.newest = transition;
    if (transition.waitsFor === null) continue;
    if (transition.seq >= (found.opened?.seq ?? 0)) found.opened = transition;
    found.since = Math.min(found.since ?? transition.at, transition.at);
  }
  return [...merged.values()];
};

/** Outside of any transaction: sealing may fetch a key on a connection of its own. */
export const sealWaits = async (ring: KeyRing, entries: readonly EntryOf<'step'>[]): Promise<SealedWaits> => {
  const waits: { [List in keyof SealedWaits]: SealedWaits[List][number][] } = {
    events: [],
    eventEnds: [],
    approvals: [],
    approvalEnds: [],
  };
  for (const each of merge(entries)) {
    const wait = each.opened?.waitsFor;
    if (wait?.type === 'event') waits.events.push(toEventWait(each, wait));
    else if (wait?.type === 'approval') waits.approvals.push(await toApproval(ring, each, wait));
    else {
      // Which of the two it was is known to the row.
      waits.eventEnds.push(toEventWaitEnd(each));
      waits.approvalEnds.push(await toApprovalEnd(ring, each));
    }
  }
  waits.events.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  return waits;
};

/** Rows are written in this order, in which those who bring events lock as well. */
const keyOf = ({ orgId, eventName, correlationKey }: EventWaitRow): string =>
  JSON.stringify([orgId, eventName, correlationKey]);

const toEventWait = ({ run, newest, since }: Merged, { event, correlationKey }: EventWait): EventWaitRow => ({
  orgId: run.orgId,
  runId: run.runId,
  path: newest.path,
  ordinal: newest.ordinal,
  seq: newest.seq,
  eventName: event,
  correlationKey,
  openedAt: new Date(since ?? newest.at),
  closedAt: newest.waitsFor === null ? new Date(newest.at) : null,
});

const toEventWaitEnd = ({ run, newest: { path, ordinal, seq, at } }: Merged): EventWaitEnd => ({
  runId: run.runId,
  path,
  ordinal,
  seq,
  closedAt: new Date(at),
});

const toApproval = async (ring: KeyRing, merged: Merged, wait: ApprovalWait): Promise<ApprovalRow> => {
  const { run, newest, opened, since } = merged;
  const end = await toApprovalEnd(ring, merged);
  const { subject, message, fields } = wait;
  const request = { subject, message, fields: fields as unknown as readonly { [key: string]: never }[] };
  return {
    ...end,
    orgId: run.orgId,
    flowId: run.flowId,
    path: newest.path,
    ordinal: newest.ordinal,
    stepId: newest.stepId,
    requestSealed: await ring.sealJson(run.orgId, request, additionalData.approvalRequest(end.id)),
    roles: [...wait.roles],
    people: [...wait.people],
    approvalsNeeded: wait.approvals,
    rejectionsNeeded: wait.rejections,
    openedAt: new Date(since ?? newest.at),
    dueAt: opened?.dueAt === undefined ? null : new Date(opened.dueAt),
    closedAt: newest.waitsFor === null ? end.closedAt : null,
  };
};

const toApprovalEnd = async (ring: KeyRing, { run, newest }: Merged): Promise<ApprovalEnd> => {
  const id = approvalIdOf(run.runId, newest.path, newest.ordinal);
  const answers = answersIn(newest);
  return {
    id,
    runId: run.runId,
    seq: newest.seq,
    status: statusOf(newest),
    answersSealed:
      answers.length === 0
        ? null
        : await ring.sealJson(run.orgId, answers as never, additionalData.approvalAnswers(id)),
    answeredBy: answers.map(({ by }) => by.userId),
    closedAt: new Date(newest.at),
  };
};

interface Decided {
  readonly decision?: string;
  readonly answers?: readonly GivenAnswer[];
}

/** A person who completes the step by hand gives a decision without answers. */
const answersIn = ({ waitsFor, output }: StepTransition): readonly GivenAnswer[] => {
  if (waitsFor?.type === 'approval') return waitsFor.answers;
  const { answers } = (output ?? {}) as Decided;
  return Array.isArray(answers) ? (answers as readonly GivenAnswer[]) : [];
};

const statusOf = ({ status, waitsFor, output }: StepTransition): ApprovalStatus => {
  if (waitsFor) return 'open';
  const { decision } = (output ?? {}) as Decided;
  if (status !== 'succeeded') return 'closed';
  if (decision === 'approved' || decision === 'rejected') return decision;
  return decision === 'timeout' ? 'timed_out' : 'closed';
};

const excluded = (column: string) => sql.raw(`excluded.${column}`);

/** Repeatable, and safe against older entries that come later: a row keeps the state with the highest `seq`. */
export const writeWaits = async (
  tx: Transaction,
  waits: SealedWaits,
  isKnown: (runId: string) => boolean,
): Promise<void> => {
  const known = <Row extends { readonly runId: string }>(rows: readonly Row[]) =>
    rows.filter(({ runId }) => isKnown(runId));
  const [events, requests] = [known(waits.events), known(waits.approvals)];
  if (events.length > 0) {
    await tx
      .insert(eventWaits)
      .values(events)
      .onConflictDoUpdate({
        target: [eventWaits.runId, eventWaits.path, eventWaits.ordinal],
        set: {
          seq: excluded('seq'),
          eventName: excluded('event_name'),
          correlationKey: excluded('correlation_key'),
          closedAt: excluded('closed_at'),
        },
        setWhere: sql`${excluded('seq')} >= ${eventWaits.seq}`,
      });
  }
  if (requests.length > 0) {
    await tx
      .insert(approvals)
      .values(requests)
      .onConflictDoUpdate({
        target: approvals.id,
        set: {
          seq: excluded('seq'),
          status: excluded('status'),
          requestSealed: excluded('request_sealed'),
          answersSealed: excluded('answers_sealed'),
          answeredBy: excluded('answered_by'),
          dueAt: excluded('due_at'),
          closedAt: excluded('closed_at'),
        },
        setWhere: sql`${excluded('seq')} >= ${approvals.seq}`,
      });
  }
  for (const { runId, path, ordinal, seq, closedAt } of known(waits.eventEnds)) {
    await tx
      .update(eventWaits)
      .set({ seq, closedAt })
      .where(
        sql`${eventWaits.runId} = ${runId} and ${eventWaits.path} = ${path} and ${eventWaits.ordinal} = ${ordinal} and ${eventWaits.seq} <= ${seq}`,
      );
  }
  for (const { id, runId: _, ...end } of known(waits.approvalEnds)) {
    await tx.update(approvals).set(end).where(sql`${approvals.id} = ${id} and ${approvals.seq} <= ${end.seq}`);
  }
};

/** A run that Temporal has ended, not the run itself, has left its waits open. */
export const closeWaits = async (tx: Transaction, runId: string, at: Date): Promise<void> => {
  await tx
    .update(eventWaits)
    .set({ closedAt: at })
    .where(and(eq(eventWaits.runId, runId), isNull(eventWaits.closedAt)));
  await tx
    .update(approvals)
    .set({ status: 'closed', closedAt: at })
    .where(and(eq(approvals.runId, runId), isNull(approvals.closedAt)));
};
