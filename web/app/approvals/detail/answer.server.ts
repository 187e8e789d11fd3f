import {
  answerApprovalRequestSchema,
  approvalReplySchema,
  type ApprovalReply,
  approvalSchema,
} from '@everwave/schema/api';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';
import { readForm } from '#app/schema-form/read-form.ts';

const decisionSchema = answerApprovalRequestSchema.shape.decision;

/** Hands in what the form holds. */
export const answerApproval = async (
  request: Request,
  form: FormData,
  approvalId: string,
): Promise<ActionResult<ApprovalReply>> => {
  const decision = decisionSchema.safeParse(form.get('decision'));
  if (!decision.success) return refuse(request, 'The page sent something unexpected. Reload it and try again.');
  const path = `/v1/approvals/${encodeURIComponent(approvalId)}`;
  const approval = await attempt(request, () => callApi(request, path, approvalSchema));
  if (!approval.ok) return approval;
  const read = readForm(approval.value.form, form, 'values');
  if (!read.ok && decision.data === 'approved')
    return refuse(request, 'Some fields need another look.', [...read.errors]);
  const comment = form.get('comment');
  const link = new URL(request.url).searchParams.get('link');
  return attempt(request, () =>
    callApi(request, `${path}/answer`, approvalReplySchema, {
      method: 'POST',
      body: {
        decision: decision.data,
        values: read.ok ? read.value : {},
        ...(typeof comment === 'string' && comment.trim() !== '' ? { comment } : {}),
        ...(link ? { link } : {}),
      },
    }),
  );
};
