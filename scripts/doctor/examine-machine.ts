import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findTemporal, temporalVersion } from '@everwave/temporal/install';
import { connectToTemporal } from '@everwave/temporal/client';
import { loadMasterKeys } from '@everwave/temporal/encryption';
import { nodeVersion } from '../bootstrap/platform.mjs';
import { preparePostgresBinaries } from '../lib/postgres-binaries.ts';
import { choosePostgresFolder } from '../lib/postgres-folder.ts';
import { asAccount, findUnprivilegedAccount } from '../lib/system-account.ts';
import { isWebBuilt } from '../supervisor/build-web.ts';
import { checkManagedPostgres } from '../supervisor/check-postgres.ts';
import { findTakenPorts, plannedListeners } from '../supervisor/check-ports.ts';
import { checkDisk, dataVersion, freeBytes, newer, readDataVersion } from '../supervisor/data-folder.ts';
import type { Settings } from '../supervisor/env.ts';
import { findLockHolder } from '../supervisor/lock.ts';
import { secretKeyFile } from '../supervisor/secret-key.ts';
import { examine, fix, note, ok, type Finding } from './finding.ts';

/** Every precondition of a start, in the order of a start. */
export const examineMachine = async (settings: Settings): Promise<Finding[]> => [
  examineNode(),
  await examine('Disk', () => {
    checkDisk(settings.dataFolder);
    return `${Math.floor(freeBytes(settings.dataFolder) / 1024 ** 3)} GB free`;
  }),
  await examineDataFolder(settings),
  await examineKey(settings),
  ...(await examinePorts(settings)),
  await examinePostgres(settings),
  await examineTemporal(settings),
  isWebBuilt() ? ok('Web', 'built from these sources') : note('Web', 'npm start builds it (about ten seconds)'),
];

const examineNode = (): Finding =>
  process.versions.node === nodeVersion
    ? ok('Node', nodeVersion)
    : fix('Node', `This is ${process.versions.node}. Run npm run doctor, which uses Node ${nodeVersion}.`);

const examineDataFolder = async ({ dataFolder }: Settings): Promise<Finding> => {
  if (!existsSync(dataFolder)) return note('Data folder', `${dataFolder} is made at the first start`);
  return examine('Data folder', () => {
    const version = readDataVersion(dataFolder);
    if (version !== null && version > dataVersion) throw newer(dataFolder, version);
    const holder = findLockHolder(dataFolder);
    return holder === null ? dataFolder : `${dataFolder}, in use by Everwave (process ${holder})`;
  });
};

const examineKey = async (settings: Settings): Promise<Finding> => {
  const { variables } = settings;
  const file = variables['EVERWAVE_SECRET_KEY_FILE'] || secretKeyFile(settings.dataFolder);
  if (!settings.hasOwnSecretKey && !existsSync(file)) {
    const hasData = existsSync(join(settings.dataFolder, 'postgres'));
    return hasData
      ? fix(
          'Key',
          `${file} is missing, and the data beside it needs it. Restore it from your backup, or set EVERWAVE_SECRET_KEY.`,
        )
      : note('Key', 'made at the first start');
  }
  return examine('Key', () => {
    const { current } = loadMasterKeys({ secretKey: variables['EVERWAVE_SECRET_KEY'], secretKeyFile: file });
    if (variables['EVERWAVE_SECRET_KEY']) return `from EVERWAVE_SECRET_KEY (key id ${current.id})`;
    const mode = statSync(file).mode & 0o777;
    if ((mode & 0o077) !== 0) throw new Error(`Others may read ${file}. Run: chmod 600 ${file}`);
    return `${file} (key id ${current.id})`;
  });
};

const examinePorts = async (settings: Settings): Promise<Finding[]> => {
  const wanted = [...plannedListeners(settings).keys()]
    .map((name) => settings.ports[name])
    .filter((port) => port !== 0);
  const list = wanted.join(', ') || 'any free ones';
  if (findLockHolder(settings.dataFolder) !== null) return [ok('Ports', `${list}: used by the Everwave that runs`)];
  const taken = await findTakenPorts(settings);
  return taken.length === 0 ? [ok('Ports', `${list} are free`)] : taken.map((sentence) => fix('Port', sentence));
};

const examinePostgres = async ({ databaseUrl, dataFolder }: Settings): Promise<Finding> => {
  if (databaseUrl !== null) {
    return examine('Postgres', async () => `${await checkManagedPostgres(databaseUrl)} in DATABASE_URL`);
  }
  return examine('Postgres', () => {
    const account = findUnprivilegedAccount();
    const existing = existsSync(dataFolder);
    const where = existing ? choosePostgresFolder(dataFolder, account, () => {}) : null;
    const binaries = preparePostgresBinaries(account, join(where?.state ?? dataFolder, 'postgres-binaries'));
    const version = execFileSync(binaries.postgres, ['--version'], {
      cwd: '/',
      encoding: 'utf8',
      ...asAccount(account),
    });
    const runner = account ? ` as user ${account.name}` : '';
    return `embedded ${version.trim().replace('postgres (PostgreSQL) ', '')}${runner}${where ? ` in ${where.database}` : ''}`;
  });
};

const examineTemporal = async ({ temporal, toolsFolder, variables }: Settings): Promise<Finding> => {
  if (temporal !== null) {
    return examine('Temporal', async () => {
      const connection = await connectToTemporal(temporal);
      await connection.close();
      return `${temporal.address}, namespace ${temporal.namespace}`;
    });
  }
  const found = await findTemporal(toolsFolder, variables).catch((error: Error) => error);
  if (found instanceof Error) return fix('Temporal', found.message);
  if (found) return ok('Temporal', found.binary);
  const go = hasGo(variables);
  return note(
    'Temporal',
    go
      ? `npm start fetches version ${temporalVersion.cli}, or builds it with Go (about three minutes, once)`
      : `npm start fetches version ${temporalVersion.cli} from GitHub. Without access to GitHub, install Go first`,
  );
};

const hasGo = (environment: NodeJS.ProcessEnv): boolean => {
  try {
    execFileSync('go', ['version'], { env: environment, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
