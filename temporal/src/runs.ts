export { probeConnection } from './probe-connection.ts';
export {
  cancelRun,
  repairRun,
  type CancelResult,
  type RepairAction,
  type RepairResult,
  type RunAddress,
} from './repair-run.ts';
export { searchAttributes } from './search-attributes.ts';
export { startHost } from './start-host.ts';
export { RunTooLarge, type StartedRun } from './start-once.ts';
export { startRun } from './start-run.ts';
