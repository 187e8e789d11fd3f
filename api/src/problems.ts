import type { Problem, ProblemError } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { HTTPException } from 'hono/http-exception';
import { isDatabaseUnavailable } from '@everwave/schema/db';

/** Every problem this API answers with: stable code → HTTP status and title. */
const kinds = {
  malformed_json: [400, 'The body is not JSON'],
  delivery_unreadable: [400, 'The delivery cannot be read'],
  upload_broken_off: [400, 'The body did not arrive whole'],
  invalid_request: [400, 'The request does not have the expected shape'],
  not_signed_in: [401, 'Sign in first'],
  api_key_invalid: [401, 'The API key is not valid'],
  access_token_invalid: [401, 'The access token is not valid'],
  challenge_expired: [401, 'Begin to sign in again'],
  code_needed: [401, 'A code is needed too'],
  code_refused: [401, 'The code does not fit'],
  refresh_refused: [401, 'The refresh token is not valid'],
  sign_in_refused: [401, 'Sign-in refused'],
  signature_invalid: [401, 'The signature does not fit'],
  not_allowed: [403, 'Your role does not allow this'],
  account_suspended: [403, 'The account is suspended'],
  no_organisation: [403, 'You do not belong to this organisation'],
  password_wrong: [403, 'The password does not fit'],
  email_not_verified: [403, 'Confirm your e-mail address first'],
  second_factor_required: [403, 'Set up a second factor first'],
  sign_up_closed: [403, 'People come by invitation here'],
  invitation_not_yours: [403, 'This invitation is for somebody else'],
  not_an_approver: [403, 'This approval is for others'],
  approval_link_not_yours: [403, 'This link is for somebody else'],
  metrics_closed: [403, 'Metrics are not public'],
  origin_refused: [403, 'Requests from this origin are refused'],
  not_found: [404, 'Nothing here'],
  setup_link_invalid: [404, 'This set-up link does not work'],
  link_invalid: [404, 'This link does not work'],
  session_not_found: [404, 'No such session'],
  flow_not_found: [404, 'No such flow'],
  version_not_found: [404, 'No such version'],
  schedule_not_found: [404, 'No such schedule'],
  trigger_not_found: [404, 'No such trigger'],
  run_not_found: [404, 'No such run'],
  step_value_not_found: [404, 'No such value'],
  file_not_found: [404, 'No such file'],
  connection_not_found: [404, 'No such connection'],
  variable_not_found: [404, 'No such variable'],
  masked_field_not_found: [404, 'This field is not masked'],
  delivery_not_found: [404, 'No such delivery'],
  dead_letter_not_found: [404, 'No such dead letter'],
  dead_letter_group_not_found: [404, 'No such group of dead letters'],
  repair_job_not_found: [404, 'No such repair'],
  alert_channel_not_found: [404, 'No such alert channel'],
  approval_not_found: [404, 'No such approval'],
  approval_link_not_found: [404, 'This link leads nowhere'],
  api_key_not_found: [404, 'No such API key'],
  account_not_found: [404, 'No such account'],
  team_not_found: [404, 'No such team'],
  team_member_not_found: [404, 'The team has no such member'],
  invitation_not_found: [404, 'No such invitation'],
  member_not_found: [404, 'No such member'],
  organisation_not_found: [404, 'No such organisation'],
  ownership_offer_not_found: [404, 'No such offer'],
  role_not_found: [404, 'No such role'],
  folder_not_found: [404, 'No such folder'],
  grantee_not_found: [404, 'Nobody of that name'],
  folder_not_empty: [409, 'The folder is not empty'],
  locks_out: [409, 'You would lock yourself out'],
  access_changed: [409, 'The access was changed in the meantime'],
  service_account_not_found: [404, 'No such service account'],
  hook_not_found: [404, 'No webhook at this address'],
  method_not_allowed: [405, 'Another method is expected here'],
  invitation_expired: [409, 'The invitation is too old'],
  invitation_revoked: [409, 'The invitation was revoked'],
  invitation_used: [409, 'The invitation was accepted already'],
  invitation_pending: [409, 'An invitation waits for an answer'],
  already_member: [409, 'The person is a member already'],
  account_exists: [409, 'There is an account with this address'],
  runs_open: [409, 'Runs are open'],
  last_organisation: [409, 'This is the only organisation'],
  own_account: [409, 'This is your own account'],
  last_owner: [409, 'An organisation needs an owner'],
  ownership_offered: [409, 'The organisation is offered to somebody'],
  email_already_verified: [409, 'The address is confirmed'],
  second_factor_on: [409, 'There is a second factor'],
  second_factor_off: [409, 'There is no second factor'],
  draft_changed: [409, 'The draft was changed in the meantime'],
  flow_not_published: [409, 'The flow was never published'],
  flow_inactive: [409, 'The flow is switched off'],
  flow_archived: [409, 'The flow is archived'],
  name_taken: [409, 'The name is taken'],
  role_in_use: [409, 'Somebody has this role'],
  variables_missing: [409, 'The flow reads variables that are not there'],
  variable_in_use: [409, 'Live flows read this variable'],
  connection_in_use: [409, 'Live flows use this connection'],
  idempotency_key_reused: [409, 'The idempotency key belongs to another request'],
  repair_refused: [409, 'The run cannot be repaired like that now'],
  repair_in_progress: [409, 'Somebody is repairing this group'],
  nothing_to_repair: [409, 'Nothing in this group is to be repaired'],
  dead_letter_closed: [409, 'The dead letter is decided'],
  approval_closed: [409, 'The approval does not take this answer now'],
  run_stuck: [409, 'The run cannot answer now'],
  approval_link_used: [409, 'This link has been used'],
  fork_refused: [409, 'The run cannot be started again like that'],
  effects_not_accepted: [409, 'Effects would happen again'],
  migration_refused: [409, 'The run cannot go on under that version'],
  delivery_not_held: [409, 'Only a held or skipped delivery can be replayed'],
  body_too_large: [413, 'The body is too large'],
  value_too_large: [413, 'The value is too large'],
  unsupported_media_type: [415, 'Unsupported media type'],
  password_refused: [422, 'Choose another password'],
  flow_invalid: [422, 'The flow is not valid'],
  variable_invalid: [422, 'The variable is not valid'],
  masked_field_invalid: [422, 'No further field can be masked'],
  value_masked: [422, 'A masked value cannot be sent'],
  connection_invalid: [422, 'The connection is not valid'],
  alert_channel_invalid: [422, 'The alert channel is not valid'],
  backfill_refused: [422, 'These times cannot be made up for'],
  limits_invalid: [422, 'The limits do not fit the flow'],
  import_invalid: [422, 'The file cannot be imported'],
  answer_invalid: [422, 'The form is not filled in as it must be'],
  recipient_may_not_answer: [422, 'The recipient may not answer'],
  payload_undecodable: [422, 'The payload cannot be decoded'],
  too_many_requests: [429, 'Too many requests'],
  run_limit_reached: [429, 'The flow takes no further run now'],
  too_many_streams: [429, 'Too many event streams are open'],
  run_failed: [500, 'The run failed'],
  run_cancelled: [500, 'The run was cancelled'],
  internal: [500, 'Something broke on our side'],
  overloaded: [503, 'Too much at once'],
  database_unavailable: [503, 'The database does not answer'],
  temporal_unavailable: [503, 'Temporal does not answer'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof kinds;
export type ProblemStatus = (typeof kinds)[ProblemCode][0];

export interface ProblemExtras {
  readonly errors?: readonly ProblemError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** The run that it is about. */
  readonly runId?: string;
  readonly cause?: unknown;
}

/** An expected refusal on its way to the caller. Thrown where it happens: `throw problem('flow_not_found', …)`. */
export class HttpProblem extends Error {
  readonly code: ProblemCode;
  readonly status: ProblemStatus;
  readonly errors: readonly ProblemError[];
  readonly headers: Readonly<Record<string, string>>;
  readonly runId: string | undefined;

  constructor(code: ProblemCode, detail: string, { errors = [], headers = {}, runId, cause }: ProblemExtras = {}) {
    super(detail, { cause });
    this.name = 'HttpProblem';
    this.code = code;
    this.status = kinds[code][0];
    this.errors = errors;
    this.headers = headers;
    this.runId = runId;
  }
}

/** `detail` says what happened and what to do next, for a person. */
export const problem = (code: ProblemCode, detail: string, extras?: ProblemExtras): HttpProblem =>
  new HttpProblem(code, detail, extras);

export const toProblemBody = ({ code, status, message, errors, runId }: HttpProblem, requestId: string): Problem => ({
  type: `urn:everwave:problem:${code}`,
  title: kinds[code][1],
  status,
  detail: message,
  code,
  errors: [...errors],
  requestId,
  ...(runId !== undefined && { runId: runIdSchema.parse(runId) }),
});

/** How Node names a sender that went away; a lost connection of our own names its system call. */
const isBrokenOffUpload = (error: unknown): boolean =>
  error instanceof Error && error.message === 'aborted' && 'code' in error && error.code === 'ECONNRESET';

/** Whatever was thrown, as a problem. What we did not expect is `internal` and tells the caller nothing of its cause. */
export const toProblem = (error: unknown): HttpProblem => {
  if (error instanceof HttpProblem) return error;
  if (error instanceof HTTPException && error.status === 415) {
    return problem('unsupported_media_type', 'Send the body as JSON with the header Content-Type: application/json.');
  }
  if (error instanceof HTTPException && error.status === 400) {
    return problem('malformed_json', 'The body is not valid JSON. Send one JSON document.', { cause: error });
  }
  if (isBrokenOffUpload(error)) {
    return problem('upload_broken_off', 'The connection ended before the whole body had arrived.', { cause: error });
  }
  if (isDatabaseUnavailable(error)) {
    return problem('database_unavailable', 'The database does not answer. Nothing was changed; try again shortly.', {
      headers: { 'retry-after': '2' },
      cause: error,
    });
  }
  return problem('internal', 'The request failed on our side. Quote the request id when you report it.', {
    cause: error,
  });
};
