export {
  accounts,
  invitations,
  invitationStatuses,
  members,
  organizations,
  sessions,
  setupTokens,
  users,
  verifications,
} from './tables/auth.ts';
export { alertChannelKinds, alertChannels, alerts } from './tables/alerts.ts';
export { auditEvents, auditHeads, type AuditChange } from './tables/audit.ts';
export { approvalLinks, approvals } from './tables/approvals.ts';
export { blobParts, blobs, blobUses } from './tables/blobs.ts';
export { connections } from './tables/connections.ts';
export { deadLetterGroups } from './tables/dead-letter-groups.ts';
export { effectCheckpoints, effects, effectStates, type EffectState } from './tables/effects.ts';
export { keyChecks, orgKeys } from './tables/encryption.ts';
export { eventDeliveries, events, eventWaits } from './tables/events.ts';
export { flows, flowStatuses, flowVersions, plans, triggers, type FlowStatus } from './tables/flows.ts';
export {
  folders,
  grantedThings,
  grants,
  type GrantedThing,
  type Grantee,
} from './tables/grants.ts';
export { collections, deliveries, deliveryStatuses, idempotencyKeys, type DeliveryStatus } from './tables/inbox.ts';
export {
  oneTimeLinks,
  recoveryCodes,
  refreshTokens,
  secondFactors,
  signInChallenges,
  type LinkPurpose,
} from './tables/identity.ts';
export { limits, stepLeases, stepPaces, stepWaits } from './tables/limits.ts';
export {
  repairJobLetters,
  repairJobs,
  repairJobStatuses,
  repairOutcomes,
  type RepairJobStatus,
  type RepairOutcome,
} from './tables/repair-jobs.ts';
export { mails } from './tables/mails.ts';
export { notificationPreferences, notifiedThings } from './tables/notifications.ts';
export { maskedFields } from './tables/masked-fields.ts';
export { ownershipOffers } from './tables/ownership.ts';
export { rateBudgets } from './tables/rate-budgets.ts';
export { apiKeys, roles, serviceAccounts } from './tables/roles.ts';
export { restores } from './tables/restores.ts';
export { schedules } from './tables/schedules.ts';
export { teamMembers, teams } from './tables/teams.ts';
export { deadLetters, runAttempts, runLogs, runMeters, runs, runSteps } from './tables/runs.ts';
export { variables } from './tables/variables.ts';
