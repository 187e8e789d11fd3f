import type { RunStep } from '@everwave/schema/api';
import { approvalIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq, isNull } from 'drizzle-orm';
import type { RunRow } from './find-run.ts';
import type { StepRow } from './to-run.ts';

const { approvals, eventWaits } = tables;

/** What steps of a run wait for from outside. */
export interface Waits {
  of(step: Pick<StepRow, 'path' | 'ordinal'>): Pick<RunStep, 'waitsFor'>;
}

const keyOf = ({ path, ordinal }: Pick<StepRow, 'path' | 'ordinal'>): string => `${path}~${ordinal}`;

export const waitsOf = async (tx: Transaction, { id, orgId }: RunRow): Promise<Waits> => {
  const found = new Map<string, NonNullable<RunStep['waitsFor']>>();
  const events = await tx
    .select()
    .from(eventWaits)
    .where(and(eq(eventWaits.runId, id), eq(eventWaits.orgId, orgId), isNull(eventWaits.closedAt)));
  for (const { eventName: event, correlationKey, ...step } of events) {
    found.set(keyOf(step), { type: 'event', event, correlationKey });
  }
  const questions = await tx
    .select()
    .from(approvals)
    .where(and(eq(approvals.runId, id), eq(approvals.orgId, orgId), eq(approvals.status, 'open')));
  for (const question of questions) {
    found.set(keyOf(question), { type: 'approval', approvalId: approvalIdSchema.parse(question.id) });
  }
  return {
    of: (step) => {
      const waitsFor = found.get(keyOf(step));
      return waitsFor ? { waitsFor } : {};
    },
  };
};
