import type { ApprovalStep, Json } from '../../flow/plan.ts';
import type { ApprovalAnswer, Approver, ApprovalWait, GivenAnswer } from '../../run/waits.ts';
import { checkAnswer } from '../check-answer.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { failStep, succeedStep } from '../outcome.ts';
import { placeOf } from '../place.ts';
import { changeStep, stepAt, type Turn } from '../turn.ts';
import { decidedBy, decisionIn } from './approval-output.ts';
import type { Statement } from './statement.ts';
import { beginWait, type Evaluation, evaluateTimeout, wrong } from './timeout.ts';

/** Waits for the decision of people. Enough approvals, or enough rejections, decide; the first that completes them wins. */
export const approval: Statement<ApprovalStep> = {
  async begin(turn, place, step) {
    const evaluator = evaluatorFor(turn, place);
    const texts: { [field in 'subject' | 'message']: string | null } = { subject: null, message: null };
    for (const field of ['subject', 'message'] as const) {
      const template = step[field];
      if (template === null) continue;
      const evaluated = await evaluator.evaluate(template, field);
      if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
      texts[field] = toText(evaluated.value);
    }
    const given = await evaluator.evaluate(step.people, 'people');
    if (!given.ok) return failStep(turn, place, toExpressionFailure(given.error));
    const people = toPeople(given.value, step);
    if (!people.ok) return failStep(turn, place, people.failure);
    const timeout = await evaluateTimeout(evaluator, step.timeout);
    if (!timeout.ok) return failStep(turn, place, timeout.failure);
    const { fields, roles, approvals, rejections } = step;
    const wait: ApprovalWait = {
      type: 'approval',
      subject: texts.subject ?? step.title,
      message: texts.message,
      fields,
      roles,
      people: people.value,
      approvals,
      rejections,
      answers: [],
    };
    beginWait(turn, place, step, wait, timeout.value);
  },
  portFor: (_step, output) => decisionIn(output),
  expected: 'an object whose decision is approved, rejected or timeout',
};

const toText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** An item may itself be a list: `["{{ steps.team.output.emails }}"]`. */
const toPeople = (given: Json, { roles }: ApprovalStep): Evaluation<readonly string[]> => {
  const people = [given].flat(2) as readonly Json[];
  const named: string[] = [];
  for (const person of people) {
    if (typeof person === 'string' && /^\S+@\S+$/.test(person)) named.push(person.toLowerCase());
    else return wrong(`people: ${JSON.stringify(person).slice(0, 80)} is no e-mail address.`);
  }
  if (people.length === 0 && roles.length === 0)
    return wrong('people: the list is empty, so that nobody could answer.');
  return { ok: true, value: [...new Set(named)] };
};

/** Takes an answer that `checkAnswer` allows; any other changes nothing. */
export const applyAnswer = (turn: Turn, answer: ApprovalAnswer, by: Approver): void => {
  if (!checkAnswer(turn.plan, turn.state, answer, by).ok) return;
  const place = placeOf(answer.path);
  const wait = stepAt(turn, place).waitsFor as ApprovalWait;
  const { decision, values, comment } = answer;
  const given: GivenAnswer = { decision, by, at: new Date(turn.at).toISOString(), comment, values };
  const answers = [...wait.answers, given];
  const count = answers.filter((each) => each.decision === decision).length;
  const needed = decision === 'approved' ? wait.approvals : wait.rejections;
  if (count >= needed) return succeedStep(turn, place, decidedBy(given, answers), decision);
  changeStep(turn, place, { waitsFor: { ...wait, answers } });
};
