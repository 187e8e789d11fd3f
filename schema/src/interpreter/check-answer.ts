import { checkFormValues, type FormProblem } from '../flow/approval-form.ts';
import type { Plan } from '../flow/plan.ts';
import { isClosed } from '../run/status.ts';
import { type ApprovalAnswer, type ApprovalWait, type Approver, type GivenAnswer, mayAnswer } from '../run/waits.ts';
import { batchOf, inBatch } from './open-batches.ts';
import { placeOf } from './place.ts';
import type { BatchPlace, RunState, StepState } from './state.ts';
import { findStep } from './turn.ts';

/** `code` is stable, for machines; `message` is for whoever answered; `problems` name fields of the form. */
export type AnswerVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly problems?: readonly FormProblem[];
      readonly batch?: BatchPlace;
    };

const refuse = (code: string, message: string, problems?: readonly FormProblem[]): AnswerVerdict => ({
  ok: false,
  code,
  message,
  ...(problems && { problems }),
});

/** Whether an answer counts now. Pure: the update's validator asks before anything enters history. */
export const checkAnswer = (plan: Plan, state: RunState, answer: ApprovalAnswer, by: Approver): AnswerVerdict => {
  const place = placeOf(answer.path);
  const step = findStep({ state }, place);
  const isApproval = plan.steps[place.stepId]?.type === 'approval';
  if (!isApproval) return refuse('unknown_step', `This run has no approval "${answer.path}".`);
  const batch = batchOf(plan, state, answer.path);
  if (batch) return inBatch(batch, answer.path);
  const wait = step?.ordinal === answer.ordinal ? step.waitsFor : undefined;
  if (wait?.type === 'approval') return checkGiven(wait, answer, by);
  if (isClosed(state.status))
    return refuse('run_not_open', `This run is ${state.status}: nobody's answer is waited for.`);
  return whyClosed(step?.ordinal === answer.ordinal ? step : undefined);
};

const checkGiven = (wait: ApprovalWait, { decision, values }: ApprovalAnswer, by: Approver): AnswerVerdict => {
  if (!mayAnswer(wait, by)) {
    return refuse('not_an_approver', `This approval is for others: ${by.name} is not among those who may answer.`);
  }
  if (wait.answers.some(({ by: before }) => before.userId === by.userId)) {
    return refuse('answered_before', `${by.name} has answered already. The others must come from other people.`);
  }
  const problems = checkFormValues(wait.fields, values, decision === 'approved');
  if (problems.length === 0) return { ok: true };
  return refuse('values_invalid', problems.map(({ message }) => message).join(' '), problems);
};

/** Why nobody's answer is waited for any more. */
const whyClosed = (step: StepState | undefined): AnswerVerdict => {
  const { decision, by } = (step?.output ?? {}) as { decision?: string; by?: GivenAnswer['by'] | null };
  if (step?.status === 'succeeded' && decision === 'timeout') {
    return refuse('approval_timed_out', 'Nobody answered in time, and the run went on without an answer.');
  }
  if (step?.status === 'succeeded') {
    const who = by ? ` by ${by.name}` : '';
    return refuse('approval_answered', `This was ${decision === 'rejected' ? 'rejected' : 'approved'}${who} already.`);
  }
  return refuse('approval_closed', 'This approval waits for no answer any more.');
};
