import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import postgres from 'postgres';
import { freePort } from './ports.ts';
import { preparePostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { choosePostgresFolder, findPostgresFolder } from './postgres-folder.ts';
import { processCommand, processStart } from './process-identity.ts';
import { asAccount, findUnprivilegedAccount, type SystemAccount } from './system-account.ts';
import { Refusal } from './refusal.ts';

export interface EmbeddedPostgresOptions {
  /** The product's data folder; Postgres lives in `postgres/` below it where its account may enter. */
  readonly dataFolder: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Created when missing. */
  readonly database: string;
  /** Server settings, for example `{ fsync: 'off' }` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** One call per line of the server's log. */
  readonly onLog?: (line: string) => void;
  /** One call per long step. */
  readonly onProgress?: (message: string) => void;
}

export interface EmbeddedPostgres {
  /** `postgres://…@127.0.0.1:port/database`, as the owner. */
  readonly url: string;
  readonly port: number;
  /** Where the database files are. */
  readonly folder: string;
  readonly process: ChildProcess;
  /** Waits for open transactions to be rolled back and for the last write. */
  stop(): Promise<void>;
}

const owner = 'everwave';
const startTimeout = 60_000;

/** Starts the embedded Postgres on 127.0.0.1, creating its database files on first use. Never runs as root. */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const say = options.onProgress ?? (() => {});
  mkdirSync(options.dataFolder, { recursive: true, mode: 0o700 });
  const account = findUnprivilegedAccount();
  const folder = choosePostgresFolder(options.dataFolder, account, say);
  const binaries = preparePostgresBinaries(account, join(folder.state, 'postgres-binaries'));
  const password = readOrCreatePassword(options.dataFolder);

  if (!existsSync(join(folder.database, 'PG_VERSION'))) {
    say('Creating the database files');
    initialise(binaries, account, folder.database, password);
  }
  await stopSurvivor(folder.database, say);

  const port = options.port || (await freePort());
  const server = spawn(binaries.postgres, serverArguments(folder.database, port, options.settings ?? {}), {
    cwd: '/',
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // Its own process group: Ctrl-C in a terminal reaches the supervisor alone, which stops things in order.
    detached: true,
    ...asAccount(account),
  });
  await untilReady(server, options.onLog ?? (() => {}));

  const urlOf = (database: string) => `postgres://${owner}:${password}@127.0.0.1:${port}/${database}`;
  await createDatabaseIfMissing(urlOf('postgres'), options.database);
  return {
    url: urlOf(options.database),
    port,
    folder: folder.database,
    process: server,
    stop: () => stopServer(server),
  };
};

const serverArguments = (folder: string, port: number, settings: Readonly<Record<string, string>>): string[] => {
  const all = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    max_connections: '200',
    lc_messages: 'C',
    log_destination: 'stderr',
    logging_collector: 'off',
    ...settings,
  };
  return ['-D', folder, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
};

const readOrCreatePassword = (dataFolder: string): string => {
  const file = join(dataFolder, 'postgres-password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(24).toString('base64url');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
};

const initialise = (
  binaries: PostgresBinaries,
  account: SystemAccount | null,
  folder: string,
  password: string,
): void => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passwordFile = join(folder, '..', `.initdb-${process.pid}`);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) {
    chownSync(folder, account.uid, account.gid);
    chownSync(passwordFile, account.uid, account.gid);
  }
  try {
    const settings = {
      pgdata: folder,
      username: owner,
      pwfile: passwordFile,
      auth: 'scram-sha-256',
      encoding: 'UTF8',
      locale: 'C',
      'locale-provider': 'builtin',
      'builtin-locale': 'C.UTF-8',
    };
    const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    const result = spawnSync(binaries.initdb, flags, {
      cwd: '/',
      env: { PATH: process.env['PATH'], TZ: 'UTC' },
      encoding: 'utf8',
      ...asAccount(account),
    });
    if (result.status !== 0) {
      rmSync(folder, { recursive: true, force: true });
      const said = (result.stderr || result.error?.message || `exit code ${result.status}`).trim();
      throw new Refusal(`Postgres could not create its files in ${folder}: ${said}`, { cause: result.error });
    }
    chmodSync(folder, 0o700);
  } finally {
    rmSync(passwordFile, { force: true });
  }
};

/**
 * The address of the embedded Postgres that runs on a data folder, whoever started it, as its owner; null when none runs.
 */
export const findRunningPostgres = (dataFolder: string, database: string): string | null => {
  const folder = findPostgresFolder(dataFolder);
  const file = folder && join(folder, 'postmaster.pid');
  if (!folder || !file || !existsSync(file)) return null;
  // Process id, folder, start, port, …
  const [pid, , , port] = readFileSync(file, 'utf8').split('\n');
  if (!port || !isPostgresOf(Number(pid), folder)) return null;
  return `postgres://${owner}:${readOrCreatePassword(dataFolder)}@127.0.0.1:${port}/${database}`;
};

/** A supervisor that was killed leaves its Postgres running on our files; two servers on one folder would not be. */
const stopSurvivor = async (folder: string, say: (message: string) => void): Promise<void> => {
  const pidFile = join(folder, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  await untilLeft(pid);
  if (!isPostgresOf(pid, folder)) return;
  say('Stopping the Postgres that an interrupted start left behind');
  process.kill(pid, 'SIGINT');
  for (let waited = 0; isPostgresOf(pid, folder); waited += 100) {
    if (waited > 30_000)
      throw new Refusal(`The Postgres with process id ${pid} does not stop. End it, then start again.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

/** A process that was just killed is there until its parent has taken note, and Postgres would hold its lock for taken. */
const untilLeft = async (pid: number): Promise<void> => {
  const isLeaving = () => isKnown(pid) && processCommand(pid) === '';
  for (let waited = 0; isLeaving() && waited < 5_000; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** As Postgres asks it: also one that has ended, until its parent has taken note. */
const isKnown = (pid: number): boolean => {
  if (!Number.isInteger(pid) || pid < 1) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const isPostgresOf = (pid: number, folder: string): boolean => {
  const command = processStart(pid) === null ? '' : processCommand(pid);
  return command.includes('postgres') && command.includes(folder);
};

const untilReady = (server: ChildProcess, onLog: (line: string) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const recent: string[] = [];
    const giveUp = setTimeout(() => {
      server.kill('SIGQUIT');
      reject(new Refusal(`Postgres did not become ready within ${startTimeout / 1000} s. Its last words: ${last()}`));
    }, startTimeout);
    const last = () => recent.slice(-3).join(' / ') || 'none';
    server.once('error', (error) =>
      reject(new Refusal(`Postgres could not be started: ${error.message}`, { cause: error })),
    );
    server.once('exit', (code, signal) => {
      clearTimeout(giveUp);
      reject(
        new Refusal(`Postgres ended while starting (${signal ?? `exit code ${code}`}). Its last words: ${last()}`),
      );
    });
    createInterface({ input: server.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      onLog(line);
      recent.push(line);
      if (recent.length > 20) recent.shift();
      if (!line.includes('database system is ready to accept connections')) return;
      clearTimeout(giveUp);
      resolve();
    });
  });

const createDatabaseIfMissing = async (url: string, database: string): Promise<void> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const found = await sql`select 1 from pg_database where datname = ${database}`;
    if (found.length === 0) await sql`create database ${sql(database)}`;
  } finally {
    await sql.end({ timeout: 5 });
  }
};

/** Fast shutdown; the hard one after half a minute. */
const stopServer = (server: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve();
    const force = setTimeout(() => server.kill('SIGQUIT'), 30_000);
    server.once('exit', () => {
      clearTimeout(force);
      resolve();
    });
    server.kill('SIGINT');
  });
