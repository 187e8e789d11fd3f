import type { ApprovalField, FormValues } from '../flow/approval-form.ts';
import type { Json } from '../flow/plan.ts';

/** What steps wait for that comes from outside, as the run, the projection and the api say it to each other. */

/** An event from outside, as steps read it. */
export interface OutsideEvent {
  /** The sender's id: no run takes it twice. */
  readonly id: string;
  readonly name: string;
  readonly correlationKey: string;
  readonly data: Json;
  /** ISO 8601. */
  readonly receivedAt: string;
}

export type Decision = 'approved' | 'rejected';

/** Who answers, as the api vouches for it. */
export interface Approver {
  /** Of the person, or of the API key. */
  readonly userId: string;
  readonly name: string;
  readonly role: string;
  /** Null for an API key. */
  readonly email: string | null;
}

/** An answer on its way to the run. */
export interface ApprovalAnswer {
  readonly path: string;
  /** Which request is meant, where a step has asked more than once. */
  readonly ordinal: number;
  readonly decision: Decision;
  readonly values: FormValues;
  readonly comment: string | null;
}

/** An answer that the run has taken. */
export interface GivenAnswer {
  readonly decision: Decision;
  readonly by: Approver;
  /** ISO 8601. */
  readonly at: string;
  readonly comment: string | null;
  readonly values: FormValues;
}

export interface EventWait {
  readonly type: 'event';
  readonly event: string;
  readonly correlationKey: string;
}

export interface ApprovalWait {
  readonly type: 'approval';
  readonly subject: string;
  readonly message: string | null;
  readonly fields: readonly ApprovalField[];
  /** Roles whose members may answer. */
  readonly roles: readonly string[];
  /** E-mail addresses, in lower case, of others who may. */
  readonly people: readonly string[];
  /** How many approvals, or rejections, decide. */
  readonly approvals: number;
  readonly rejections: number;
  readonly answers: readonly GivenAnswer[];
}

export type WaitsFor = EventWait | ApprovalWait;

/** Characters of a correlation key. Temporal's visibility store takes 255. */
export const longestCorrelationKey = 200;

/** Control characters and halves of characters, which neither Postgres nor Temporal keeps as they are. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
export const unspeakable = /[\0-\x1f\x7f]|\p{Surrogate}/u;

/** Whether this person may answer. The api asks before it sends, and the run before it takes. */
export const mayAnswer = (
  { roles, people }: Pick<ApprovalWait, 'roles' | 'people'>,
  { role, email }: Pick<Approver, 'role' | 'email'>,
): boolean => roles.includes(role) || (email !== null && people.includes(email.toLowerCase()));

/** The page of an approval, told by the run's page and the step's path alone: other steps send it before anybody answers. */
export const approvalUrl = (runUrl: string, path: string): string => `${runUrl}/approvals/${encodeURIComponent(path)}`;

/** Update with which the api brings an event to a run. Its one argument is an `EventDelivery`. */
export const eventUpdate = 'deliverEvent';

export interface EventDelivery {
  readonly path: string;
  readonly ordinal: number;
  readonly event: OutsideEvent;
}

/** `passed_over`: the step's condition did not hold. */
export interface EventReply {
  readonly status: 'taken' | 'passed_over';
}

/** Update with which the api hands in an answer. Its one argument is an `AnswerRequest`. */
export const approvalUpdate = 'approve';

export interface AnswerRequest {
  /** Also Temporal's update id: the same answer twice is one. */
  readonly requestId: string;
  readonly by: Approver;
  readonly answer: ApprovalAnswer;
}

/** `open`: further answers are needed. */
export interface AnswerReply {
  readonly status: 'open' | Decision;
}
