import type { AnswerApprovalRequest, ApprovalReply } from '@everwave/schema/api';
import type { FormProblem } from '@everwave/schema/flow';
import { approvalIdSchema } from '@everwave/schema/ids';
import { withOrg } from '@everwave/schema/db';
import { type AnswerRequest, mayAnswer } from '@everwave/schema/run';
import type { AnswerResult, Refusal } from '@everwave/temporal/runs';
import type { ServiceContext } from '../../context.ts';
import { type HttpProblem, problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { largestStepValue, refuseTooLarge } from '../runs/queue-run.ts';
import { getApproval } from './find-approval.ts';
import { checkLink, useUpLinks } from './links.ts';
import { type ApprovalRow, toApprover } from './to-approval.ts';

/**
 * Hands an answer to the run, which checks it against its own state before anything enters its history. The audit log
 * has two rows: who answered what, written first, and what came of it.
 */
export const answerApproval = async (
  context: ServiceContext,
  approvalId: string,
  answer: AnswerApprovalRequest,
): Promise<ApprovalReply> => {
  refuseTooLarge(answer.values, 'The form', largestStepValue, 'values');
  const requestId = answer.requestId ?? context.requestId;
  const approval = await noteIntent(context, approvalId, answer, requestId);
  const result = await send(context, approval, answer, requestId);
  await noteOutcome(context, approvalId, answer, result);
  if (!result.ok) throw toProblem(result);
  return { approvalId: approvalIdSchema.parse(approvalId), status: result.reply.status };
};

const target = (approvalId: string) => ({ kind: 'approval', id: approvalId });

const noteIntent = (
  context: ServiceContext,
  approvalId: string,
  { decision, link }: AnswerApprovalRequest,
  requestId: string,
): Promise<ApprovalRow> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { approval } = await getApproval(tx, context, approvalId);
    if (link !== undefined) await checkLink(tx, context.caller, approvalId, link);
    // What the row says never changes; whether the approval is still open the run alone knows.
    if (!mayAnswer(approval, toApprover(context.caller))) {
      throw problem('not_an_approver', 'This approval is for others: you are not among those who may answer.');
    }
    const details = { requestId, decision, runId: approval.runId, path: approval.path };
    await audit(tx, context, { action: 'approval.answer_requested', target: target(approvalId), details });
    return approval;
  });

const send = async (
  { temporal, caller }: ServiceContext,
  { orgId, runId, path, ordinal }: ApprovalRow,
  { decision, values, comment }: AnswerApprovalRequest,
  requestId: string,
): Promise<AnswerResult> => {
  const request: AnswerRequest = {
    requestId,
    by: toApprover(caller),
    answer: { path, ordinal, decision, values, comment: comment?.trim() ? comment : null },
  };
  try {
    return await temporal.answerApproval({ orgId, runId }, request);
  } catch (error) {
    throw problem('temporal_unavailable', 'Temporal does not answer. Try again shortly, with the same requestId.', {
      headers: { 'retry-after': '5' },
      cause: error,
    });
  }
};

const noteOutcome = (
  context: ServiceContext,
  approvalId: string,
  { decision }: AnswerApprovalRequest,
  result: AnswerResult,
): Promise<void> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const outcome = result.ok ? { status: result.reply.status } : { refused: result.reason };
    await audit(tx, context, {
      action: result.ok ? 'approval.answered' : 'approval.answer_refused',
      target: target(approvalId),
      details: { decision, ...outcome },
    });
    if (!result.ok) return;
    await useUpLinks(tx, context.caller, approvalId, result.reply.status === 'open' ? 'own' : 'all');
  });

const toProblem = ({ reason, message, details = [] }: Refusal): HttpProblem => {
  switch (reason) {
    case 'no_worker':
      return problem('temporal_unavailable', message);
    case 'run_stuck':
      return problem('run_stuck', message);
    case 'not_an_approver':
      return problem('not_an_approver', message);
    case 'values_invalid':
      return problem('answer_invalid', message, {
        errors: (details as readonly FormProblem[]).map(({ path, ...fault }) => ({ ...fault, path: `values.${path}` })),
      });
    default:
      return problem('approval_closed', message, { errors: [{ path: '', message, code: reason }] });
  }
};
