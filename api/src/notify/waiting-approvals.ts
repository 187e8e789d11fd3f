import { tables, withSystem } from '@everwave/schema/db';
import { approvalUrl, mayAnswer } from '@everwave/schema/run';
import { additionalData, BrokenSeal } from '@everwave/temporal/encryption';
import { and, asc, eq, not } from 'drizzle-orm';
import { approvalWaitingMail } from '../mail/templates/approval-waiting.ts';
import { runUrl } from '../settings.ts';
import type { Notice, NotifyTools } from './notice.ts';
import { isNotified } from './notice.ts';

const { approvals, flows, organizations } = tables;

type Row = typeof approvals.$inferSelect;

/** Approvals that wait and that nobody was mailed about, the oldest first. */
export const findWaitingApprovals = async (tools: NotifyTools, limit: number): Promise<Notice[]> => {
  const rows = await withSystem(tools.db, (tx) =>
    tx
      .select({ approval: approvals, flowName: flows.name, orgName: organizations.name })
      .from(approvals)
      .innerJoin(flows, eq(flows.id, approvals.flowId))
      .innerJoin(organizations, eq(organizations.id, approvals.orgId))
      .where(and(eq(approvals.status, 'open'), not(isNotified(tx, approvals.orgId, 'approvals', approvals.id))))
      .orderBy(asc(approvals.openedAt), asc(approvals.id))
      .limit(limit),
  );
  return Promise.all(
    rows.map(async ({ approval, flowName, orgName }): Promise<Notice> => {
      const subject = await subjectOf(tools, approval);
      const link = approvalUrl(runUrl(tools.settings, approval.runId), approval.path);
      return {
        about: {
          orgId: approval.orgId,
          flowId: approval.flowId,
          kind: 'approvals',
          permission: 'approvals:answer',
        },
        thingId: approval.id,
        choose: async (_tx, people) =>
          people.filter((person) => mayAnswer(approval, person) && !approval.answeredBy.includes(person.userId)),
        toMail: (unsubscribe) =>
          approvalWaitingMail({ subject, flowName, orgName, dueAt: approval.dueAt, link, unsubscribe }),
      };
    }),
  );
};

/** Null for one that does not open any more: who is asked can still see which flow asks. */
const subjectOf = async ({ ring }: NotifyTools, { id, orgId, requestSealed }: Row): Promise<string | null> => {
  try {
    const request = await ring.openJson<{ subject: string }>(orgId, requestSealed, additionalData.approvalRequest(id));
    return request.subject;
  } catch (error) {
    if (error instanceof BrokenSeal) return null;
    throw error;
  }
};
