import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { readService } from '../deploy/compose-file.ts';
import { startEmbeddedPostgres } from '../lib/embedded-postgres.ts';
import { projectFolder } from '../lib/folders.ts';
import { Refusal } from '../lib/refusal.ts';

export interface ClusterPostgres {
  readonly port: number;
  readonly everwavePassword: string;
  readonly temporalPassword: string;
  /** As the superuser. */
  readonly adminUrl: string;
  stop(): Promise<void>;
}

/** Postgres with the flags of docker-compose.yml, and the roles and databases of deploy/postgres/create-databases.sh. */
export const startPostgres = async (folder: string): Promise<ClusterPostgres> => {
  const flags = readService('postgres').command.filter((word) => word.startsWith('--'));
  const settings = Object.fromEntries(flags.map((flag) => flag.slice(2).split('=', 2) as [string, string]));
  const server = await startEmbeddedPostgres({
    dataFolder: join(folder, 'data'),
    port: 0,
    database: 'installer',
    settings,
  });
  const adminUrl = await renameOwner(server.url);
  const [everwavePassword, temporalPassword] = [newPassword(), newPassword()];
  const secrets = join(folder, 'secrets');
  mkdirSync(secrets, { mode: 0o700 });
  writeFileSync(join(secrets, 'everwave-database-password'), everwavePassword, { mode: 0o600 });
  writeFileSync(join(secrets, 'temporal-database-password'), temporalPassword, { mode: 0o600 });

  const admin = new URL(adminUrl);
  try {
    execFileSync('sh', [join(projectFolder, 'deploy', 'postgres', 'create-databases.sh')], {
      env: {
        PATH: process.env['PATH'],
        SECRETS_FOLDER: secrets,
        PGHOST: admin.hostname,
        PGPORT: admin.port,
        PGUSER: admin.username,
        PGPASSWORD: admin.password,
      },
      stdio: ['ignore', 'inherit', 'pipe'],
      encoding: 'utf8',
    });
  } catch (error) {
    await server.stop();
    const said = (error as { stderr?: string }).stderr ?? String(error);
    throw new Refusal(
      said.includes('psql: not found') || said.includes('psql: command not found')
        ? 'This needs psql on PATH: install the client of Postgres.'
        : `deploy/postgres/create-databases.sh failed:\n${said}`,
      { cause: error },
    );
  }
  return { port: server.port, everwavePassword, temporalPassword, adminUrl, stop: () => server.stop() };
};

const newPassword = (): string => randomBytes(24).toString('hex');

/** The embedded server's superuser has the name that the script gives to a role without such rights. */
const renameOwner = async (url: string): Promise<string> => {
  const password = newPassword();
  const first = postgres(url, { max: 1, onnotice: () => {} });
  await first.unsafe(`create role postgres superuser login password '${password}'`);
  await first.end();
  const admin = new URL(url);
  const owner = admin.username;
  [admin.username, admin.password, admin.pathname] = ['postgres', password, '/postgres'];
  const second = postgres(String(admin), { max: 1, onnotice: () => {} });
  await second.unsafe(`alter role ${owner} rename to installer`);
  await second.end();
  return String(admin);
};
