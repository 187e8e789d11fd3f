import {
  checkAnswer,
  checkArrival,
  type KernelEvent,
  placeOf,
  type RunState,
  wasReceived,
} from '@everwave/schema/interpreter';
import {
  type AnswerReply,
  type AnswerRequest,
  approvalUpdate,
  type EventDelivery,
  type EventReply,
  eventUpdate,
  type RunFlowInput,
} from '@everwave/schema/run';
import { ApplicationFailure, defineUpdate } from '@temporalio/workflow';
import { refusal, refuseUnsealed } from './messages.ts';
import { toRepairRefusal } from './repair-refusal.ts';

/** What comes from outside for a step that waits for it. */
export type WaitMessage =
  | { readonly type: 'event'; readonly delivery: EventDelivery }
  | ({ readonly type: 'answer' } & AnswerRequest);

export type WaitReply = EventReply | AnswerReply;

/** How each really looks is checked by `parseWaitMessage`. */
export const waitMessages = {
  [eventUpdate]: defineUpdate<WaitReply, [unknown]>(eventUpdate),
  [approvalUpdate]: defineUpdate<WaitReply, [unknown]>(approvalUpdate),
} as const;

export type WaitUpdate = keyof typeof waitMessages;

export const isWaitUpdate = (name: string): name is WaitUpdate => Object.hasOwn(waitMessages, name);

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Throws a refusal when the message is not one that our api sent. */
export const parseWaitMessage = (name: WaitUpdate, message: unknown): WaitMessage => {
  refuseUnsealed(message);
  const request = isRecord(message) ? message : {};
  return name === eventUpdate ? parseDelivery(request) : parseAnswer(request);
};

const parseDelivery = ({ path, ordinal, event }: Record<string, unknown>): WaitMessage => {
  const isEvent =
    isRecord(event) &&
    [event['id'], event['name'], event['correlationKey'], event['receivedAt']].every(isText) &&
    event['data'] !== undefined;
  if (!isText(path) || typeof ordinal !== 'number' || !isEvent) {
    throw refusal(
      'malformed',
      'An event names its step by path and ordinal, and has an id, a name, a key, data and a time.',
    );
  }
  return { type: 'event', delivery: { path, ordinal, event: event as unknown as EventDelivery['event'] } };
};

const parseAnswer = ({ requestId, by, answer }: Record<string, unknown>): WaitMessage => {
  const isBy = isRecord(by) && [by['userId'], by['name'], by['role']].every(isText);
  const isAnswer =
    isRecord(answer) &&
    isText(answer['path']) &&
    typeof answer['ordinal'] === 'number' &&
    (answer['decision'] === 'approved' || answer['decision'] === 'rejected') &&
    isRecord(answer['values']);
  if (!isText(requestId) || !isBy || !isAnswer) {
    throw refusal(
      'malformed',
      'An answer has a requestId, says who answers: by { userId, name, role }, names its step and decides.',
    );
  }
  const { email } = by;
  return {
    type: 'answer',
    requestId,
    by: { ...(by as unknown as AnswerRequest['by']), email: isText(email) ? email : null },
    answer: {
      ...(answer as unknown as AnswerRequest['answer']),
      comment: isText(answer['comment']) ? answer['comment'] : null,
    },
  };
};

type Admitted =
  | { readonly ok: true; readonly toEvent: (at: number) => KernelEvent }
  | { readonly ok: false; readonly refusal: ApplicationFailure };

type Asked = Pick<RunFlowInput, 'orgId' | 'runId' | 'plan'>;

/** Whether the run, as it is now, takes the message. The workflow, its validator and whoever folds its history ask alike. */
export const admit = (run: Asked, state: RunState, message: WaitMessage): Admitted => {
  if (message.type === 'event') {
    const { delivery } = message;
    const verdict = checkArrival(state, delivery);
    if (!verdict.ok) return { ok: false, refusal: refusal(verdict.code, verdict.message) };
    return { ok: true, toEvent: (at) => ({ type: 'eventArrived', ...delivery, at }) };
  }
  const { answer, by } = message;
  const verdict = checkAnswer(run.plan, state, answer, by);
  if (verdict.ok) return { ok: true, toEvent: (at) => ({ type: 'approvalAnswered', answer, by, at }) };
  const { code, message: why, problems = [] } = verdict;
  if (verdict.batch) return { ok: false, refusal: toRepairRefusal(run, verdict) };
  return { ok: false, refusal: ApplicationFailure.nonRetryable(why, code, problems) };
};

/** What came of a message that was taken, from the states before and after it. */
export const replyTo = (message: WaitMessage, state: RunState): WaitReply => {
  if (message.type === 'event') {
    return { status: wasReceived(state, message.delivery.event) ? 'taken' : 'passed_over' };
  }
  const { path, decision } = message.answer;
  return { status: isWaiting(state, path) ? 'open' : decision };
};

const isWaiting = ({ scopes }: RunState, path: string): boolean => {
  const { scope, stepId } = placeOf(path);
  return scopes[scope]?.steps[stepId]?.waitsFor !== undefined;
};
