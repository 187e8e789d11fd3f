export {
  accounts,
  apiKeys,
  invitations,
  members,
  organizations,
  sessions,
  setupTokens,
  users,
  verifications,
} from './tables/auth.ts';
export { auditEvents } from './tables/audit.ts';
export { connections } from './tables/connections.ts';
export { effectCheckpoints, effects, effectStates, type EffectState } from './tables/effects.ts';
export { keyChecks, orgKeys } from './tables/encryption.ts';
export { flows, flowStatuses, flowVersions, plans, triggers, type FlowStatus } from './tables/flows.ts';
export { deliveries, deliveryStatuses, idempotencyKeys, type DeliveryStatus } from './tables/inbox.ts';
export { restores } from './tables/restores.ts';
export { deadLetters, runAttempts, runLogs, runMeters, runs, runSteps } from './tables/runs.ts';
