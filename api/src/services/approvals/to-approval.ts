import type { Approval } from '@everwave/schema/api';
import { type ApprovalField, toFormSchema } from '@everwave/schema/flow';
import { approvalIdSchema, flowIdSchema, runIdSchema } from '@everwave/schema/ids';
import type { tables } from '@everwave/schema/db';
import { approvalUrl, type Approver, type Mask, type GivenAnswer, mayAnswer } from '@everwave/schema/run';
import { additionalData } from '@everwave/temporal/encryption';
import type { Caller, ServiceContext } from '../../context.ts';
import { runUrl } from '../../settings.ts';
import { toMoment } from '../runs/to-run.ts';

export type ApprovalRow = typeof tables.approvals.$inferSelect;

interface Request {
  readonly subject: string;
  readonly message: string | null;
  readonly fields: readonly ApprovalField[];
}

/** Who answers, as this process vouches for it. */
export const toApprover = ({ id, name, role, email }: Caller): Approver => ({ userId: id, name, role, email });

/** Whether the caller is among those who may answer, and has not yet. */
const isForCaller = (row: ApprovalRow, caller: Caller): boolean =>
  mayAnswer(row, toApprover(caller)) && !row.answeredBy.includes(caller.id);

/** An approval, opened. */
export const toApproval = async (
  { ring, caller, settings }: Pick<ServiceContext, 'ring' | 'caller' | 'settings'>,
  row: ApprovalRow,
  flowName: string,
  mask: Mask | null,
): Promise<Approval> => {
  const { orgId } = caller;
  const request = await ring.openJson<Request & { [key: string]: never }>(
    orgId,
    row.requestSealed,
    additionalData.approvalRequest(row.id),
  );
  const answers = row.answersSealed
    ? await ring.openJson<GivenAnswer[] & never[]>(orgId, row.answersSealed, additionalData.approvalAnswers(row.id))
    : [];
  const run = runUrl(settings, row.runId);
  return {
    id: approvalIdSchema.parse(row.id),
    url: approvalUrl(run, row.path),
    runId: runIdSchema.parse(row.runId),
    runUrl: run,
    flowId: flowIdSchema.parse(row.flowId),
    flowName,
    path: row.path,
    stepId: row.stepId,
    ordinal: row.ordinal,
    status: row.status,
    subject: request.subject,
    message: request.message,
    form: toFormSchema(request.fields),
    roles: row.roles,
    people: row.people,
    approvalsNeeded: row.approvalsNeeded,
    rejectionsNeeded: row.rejectionsNeeded,
    answers: (answers as readonly GivenAnswer[]).map(({ by, values, ...answer }) => ({
      ...answer,
      by: { id: by.userId, name: by.name },
      values: mask ? { ...(mask({ ...values }) as typeof values) } : { ...values },
    })),
    mayAnswer: row.status === 'open' && isForCaller(row, caller),
    openedAt: row.openedAt.toISOString(),
    dueAt: toMoment(row.dueAt),
    closedAt: toMoment(row.closedAt),
  };
};
