export { migrateRun, type MigrateResult } from './migrate-run.ts';
export { probeConnection } from './probe-connection.ts';
export { readRunRecord, type RecordedRun } from './read-run-record.ts';
export {
  cancelRun,
  repairRun,
  type CancelResult,
  type RepairAction,
  type RepairResult,
  type RunAddress,
} from './repair-run.ts';
export type { Refusal } from './refusal.ts';
export { answerApproval, type AnswerResult, deliverEvent, type EventResult } from './send-wait-message.ts';
export { searchAttributes } from './search-attributes.ts';
export { startHost } from './start-host.ts';
export { RunTooLarge, type StartedRun } from './start-once.ts';
export { openFork, sealFork, type StoredFork } from './stored-fork.ts';
export { startRun } from './start-run.ts';
export { supersedeRun } from './supersede-run.ts';
