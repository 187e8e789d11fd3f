import type { operations } from '../routes/operations.ts';
import type { ProblemCode } from '../problems.ts';

type Route = (typeof operations)[number]['route'];

const flow = ['flow_not_found'] as const;
const run = ['run_not_found'] as const;
const letter = ['dead_letter_not_found'] as const;
const group = ['dead_letter_group_not_found'] as const;
const job = ['repair_job_not_found'] as const;
const channel = ['alert_channel_not_found'] as const;

/** Why an operation itself refuses; what every operation of its kind refuses is added below. */
export const ownRefusals: Readonly<Record<string, readonly ProblemCode[]>> = {
  listFlows: [],
  createFlow: [],
  importFlow: ['import_invalid'],
  listTags: [],
  readFlow: flow,
  updateFlow: [...flow, 'flow_archived'],
  setTags: [...flow, 'flow_archived'],
  saveDraft: [...flow, 'flow_archived', 'draft_changed'],
  validateFlow: flow,
  publishFlow: [...flow, 'flow_archived', 'draft_changed', 'flow_invalid'],
  listVersions: flow,
  readVersion: [...flow, 'version_not_found'],
  activateFlow: [...flow, 'flow_archived', 'flow_not_published'],
  deactivateFlow: [...flow, 'flow_archived', 'flow_not_published'],
  archiveFlow: flow,
  restoreFlow: flow,
  duplicateFlow: flow,
  exportFlow: [...flow, 'flow_not_published', 'version_not_found'],
  renewSigningSecret: [...flow, 'trigger_not_found', 'flow_archived'],
  startRun: [
    ...flow,
    'flow_archived',
    'flow_not_published',
    'flow_inactive',
    'idempotency_key_reused',
    'trigger_not_found',
    'run_limit_reached',
  ],
  listRuns: [],
  watchRuns: ['too_many_streams'],
  readRun: run,
  watchRun: [...run, 'too_many_streams'],
  listSteps: run,
  readStepInput: [...run, 'step_value_not_found', 'value_too_large'],
  readStepOutput: [...run, 'step_value_not_found'],
  readRunOutput: [...run, 'step_value_not_found'],
  listAttempts: run,
  listLogs: run,
  rerunRun: [
    ...run,
    ...flow,
    'flow_archived',
    'flow_not_published',
    'flow_inactive',
    'idempotency_key_reused',
    'version_not_found',
    'trigger_not_found',
  ],
  previewFork: [...run, ...flow, 'fork_refused', 'flow_not_published', 'version_not_found'],
  forkRun: [
    ...run,
    ...flow,
    'fork_refused',
    'effects_not_accepted',
    'flow_not_published',
    'idempotency_key_reused',
    'version_not_found',
  ],
  listMigrations: [...run, ...flow, 'version_not_found', 'temporal_unavailable'],
  previewMigration: [...run, ...flow, 'flow_not_published', 'version_not_found', 'temporal_unavailable'],
  migrateRun: [...run, ...flow, 'migration_refused', 'flow_not_published', 'version_not_found', 'temporal_unavailable'],
  cancelRun: [...run, 'repair_refused', 'temporal_unavailable'],
  repairRun: [...run, 'repair_refused', 'temporal_unavailable'],
  readInsights: [],
  listDeadLetters: [],
  readDeadLetter: letter,
  dismissDeadLetter: [...letter, ...run, 'dead_letter_closed', 'repair_refused', 'temporal_unavailable'],
  restoreDeadLetter: [...letter, 'dead_letter_closed'],
  listDeadLetterGroups: [],
  readDeadLetterGroup: group,
  dismissDeadLetterGroup: [...group, 'repair_in_progress', 'nothing_to_repair', 'idempotency_key_reused'],
  restoreDeadLetterGroup: group,
  previewGroupRepair: group,
  repairDeadLetterGroup: [...group, 'repair_in_progress', 'nothing_to_repair', 'idempotency_key_reused'],
  listRepairJobs: [],
  readRepairJob: job,
  listRepairJobLetters: job,
  cancelRepairJob: job,
  readOrgLimits: [],
  setOrgLimits: [],
  readFlowLimits: flow,
  setFlowLimits: [...flow, 'limits_invalid', 'version_not_found'],
  readConnectionLimits: ['connection_not_found'],
  setConnectionLimits: ['connection_not_found'],
  listAlertChannels: [],
  createAlertChannel: ['alert_channel_invalid', 'name_taken'],
  readAlertChannel: channel,
  updateAlertChannel: [...channel, 'alert_channel_invalid', 'name_taken'],
  deleteAlertChannel: channel,
  testAlertChannel: channel,
  listApprovals: [],
  readApproval: ['approval_not_found'],
  answerApproval: [
    'approval_not_found',
    'approval_closed',
    'not_an_approver',
    'answer_invalid',
    'approval_link_not_found',
    'approval_link_not_yours',
    'approval_link_used',
    'temporal_unavailable',
  ],
  createApprovalLink: ['approval_not_found', 'approval_closed', 'recipient_may_not_answer'],
  listApprovalLinks: ['approval_not_found'],
  revokeApprovalLink: ['approval_not_found', 'approval_link_not_found', 'approval_link_used'],
  openApprovalLink: ['approval_not_found', 'approval_link_not_found', 'approval_link_not_yours', 'approval_link_used'],
  sendEvents: [],
  listEvents: [],
  listDeliveries: [],
  readDelivery: ['delivery_not_found'],
  replayDelivery: [
    'delivery_not_found',
    'delivery_not_held',
    'flow_not_published',
    'flow_archived',
    'flow_inactive',
    'trigger_not_found',
  ],
  listConnections: [],
  createConnection: ['connection_invalid', 'name_taken'],
  readConnection: ['connection_not_found'],
  updateConnection: ['connection_not_found', 'connection_invalid', 'name_taken'],
  deleteConnection: ['connection_not_found', 'connection_in_use'],
  testConnection: ['connection_not_found', 'connection_invalid', 'temporal_unavailable'],
  listNodeKinds: [],
  listCredentialKinds: [],
  readMe: [],
  readSetupState: [],
  completeSetup: ['setup_link_invalid', 'name_taken'],
  listApiKeys: [],
  createApiKey: ['not_allowed'],
  revokeApiKey: ['api_key_not_found'],
  decodePayloads: ['payload_undecodable'],
  encodePayloads: [],
  readSystemStatus: [],
  readHealth: [],
  readReadiness: [],
};

const withinLimits: readonly ProblemCode[] = ['too_many_requests', 'internal', 'database_unavailable'];
const withCaller: readonly ProblemCode[] = ['not_signed_in', 'api_key_invalid', 'not_allowed'];
const withBody: readonly ProblemCode[] = [
  'malformed_json',
  'invalid_request',
  'body_too_large',
  'unsupported_media_type',
  'upload_broken_off',
];

/** Every code of a problem that this operation can answer with, each once. */
export const refusalsOf = (route: Route): readonly ProblemCode[] => {
  const isLimited = /^\/(v1|codec)\//.test(route.path);
  const request: object = 'request' in route ? (route.request ?? {}) : {};
  const codes: ProblemCode[] = [
    ...(isLimited ? [...withinLimits, 'invalid_request' as const] : []),
    // A key that does not fit is refused by public operations too.
    ...(isLimited ? ['api_key_invalid' as const] : []),
    ...(route['x-permission'] === 'public' ? [] : withCaller),
    ...(isLimited && route.method !== 'get' ? ['origin_refused' as const] : []),
    ...('body' in request || (isLimited && route.method !== 'get') ? withBody : []),
    ...(ownRefusals[route.operationId ?? ''] ?? []),
  ];
  return [...new Set(codes)];
};
