export {
  appRole,
  createDatabase,
  withOrg,
  withSystem,
  type Database,
  type DatabaseOptions,
  type Transaction,
} from './client.ts';
export {
  changeGroup,
  countOpenLetters,
  isOpenLetter,
  lockDeadLetterGroup,
  noteDeadLetterGroups,
  writeAlerts,
  type DeadLetterGroup,
} from './dead-letter-groups.ts';
export { errorChain } from './error-chain.ts';
export { fixedStatements, inOrg, sendTogether, type FixedStatement, type FixedStatements } from './fixed-statements.ts';
export { insertEvent, type EventRow } from './insert-event.ts';
export { isDatabaseUnavailable } from './is-unavailable.ts';
export { withLock } from './lock.ts';
export { countMigrations, knownMigrations, migrate, schemaVersion, type KnownMigration } from './migrate.ts';
export { poolUseOf, type PoolUse } from './pool-use.ts';
export * as tables from './tables.ts';
export { toLoggable } from './to-loggable.ts';
export type { AuditChange, GrantedThing, Grantee, LinkPurpose, RepairOutcome } from './tables.ts';
