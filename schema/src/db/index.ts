export {
  appRole,
  createDatabase,
  withOrg,
  withSystem,
  type Database,
  type DatabaseOptions,
  type Transaction,
} from './client.ts';
export { withLock } from './lock.ts';
export { migrate, schemaVersion } from './migrate.ts';
export * as tables from './tables.ts';
