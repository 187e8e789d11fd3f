import { credentialDefinitions, nodeDefinitions } from '@everwave/activities/definitions';
import { createDatabase, migrate, withLock } from '@everwave/schema/db';
import { checkMasterKey, createKeyRing, loadMasterKeys, moveToCurrentKey } from '@everwave/temporal/encryption';
import { createLogger } from '@everwave/temporal/logger';
import { readEnvironment } from './env.ts';
import { createNodeKinds } from './node-kinds.ts';
import { prepareInstallation } from './prepare/prepare-installation.ts';

// `node api/src/prepare.ts`: migrates, checks the key, and on the first start makes org, key and sample flow. Prints one
// line of JSON and nothing else on standard output; trouble is a line of the log, on standard error, with exit code 1.

/** Any number that no other program uses on this database. */
const prepareLock = 0x45565052;

const prepare = async (): Promise<void> => {
  const environment = readEnvironment();
  const masterKeys = loadMasterKeys(environment.masterKey);
  await migrate(environment.databaseUrl);
  const db = createDatabase({ url: environment.databaseUrl, applicationName: 'everwave-prepare', max: 4 });
  try {
    await checkMasterKey(db, masterKeys);
    await moveToCurrentKey(db, masterKeys);
    const ring = createKeyRing({ db, masterKeys });
    const nodeKinds = createNodeKinds(nodeDefinitions, credentialDefinitions);
    const prepared = await withLock(environment.databaseUrl, prepareLock, () =>
      prepareInstallation({ db, ring, nodeKinds, environment }),
    );
    process.stdout.write(`${JSON.stringify(prepared)}\n`);
  } finally {
    await db.$client.end({ timeout: 5 });
  }
};

try {
  await prepare();
} catch (error) {
  const causes = (thrown: unknown): string =>
    thrown instanceof Error
      ? [thrown.message, thrown.cause ? causes(thrown.cause) : ''].filter(Boolean).join(' ← ')
      : String(thrown);
  const log = createLogger({ service: 'prepare', level: 'info', write: (line) => process.stderr.write(line) });
  log.error(causes(error));
  process.exitCode = 1;
}
