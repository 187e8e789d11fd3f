import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectToTemporal } from '@everwave/temporal/client';
import postgres from 'postgres';
import { readService } from './deploy/compose-file.ts';
import { projectFolder, toolsFolder } from './lib/folders.ts';
import { Refusal } from './lib/refusal.ts';
import { installServer } from './verify-cluster/install-server.ts';
import { type ClusterPostgres, startPostgres } from './verify-cluster/start-postgres.ts';
import { setUpSchema, startTemporal } from './verify-cluster/start-temporal.ts';

const help = `Usage: pnpm verify:cluster [--runs 150]

Runs the Temporal server of docker-compose.yml, built from its Go module, on a Postgres of its own, with the environment,
the schema steps and the databases that the compose file would give it. On it, two apis and three workers share the work
of the scale-out test, and some of them are killed. Needs Go, psql, and some minutes for the first build; ends within 15.`;

const closers: (() => unknown)[] = [];

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '150' }, help: { type: 'boolean' } } });
  if (values.help) return console.log(help);
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 10 || runs > 2_000) throw new Refusal('--runs takes a number from 10 to 2000.');

  const version = readService('temporal').image.split(':')[1] ?? '';
  const programs = await installServer(toolsFolder(), version, (line) => console.log(`  ${line}`));
  console.log(`✓ temporal-server and temporal-sql-tool ${version}`);

  const folder = mkdtempSync(join(tmpdir(), 'everwave-cluster-'));
  chmodSync(folder, 0o755);
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const database = await startPostgres(folder);
  closers.push(() => database.stop());
  console.log('✓ Postgres with the flags of the compose file; deploy/postgres/create-databases.sh made its databases');

  setUpSchema(programs, database);
  const unchanged = setUpSchema(programs, database).match(/found zero updates/g)?.length;
  if (unchanged !== 2) throw new Refusal('The second run of deploy/temporal/set-up-schema.sh has changed something.');
  console.log('✓ deploy/temporal/set-up-schema.sh, twice: the second changed nothing');
  await checkWalls(database);

  const logFile = join(folder, 'temporal.log');
  const temporal = await startTemporal(programs, database, logFile);
  closers.push(() => temporal.stop());
  await checkServer(temporal.address, version);

  const report = join(folder, 'report.json');
  const databaseUrl = `postgres://everwave:${database.everwavePassword}@127.0.0.1:${database.port}/everwave`;
  const code = await runScaleOut({
    EVERWAVE_SCALE_ON: JSON.stringify({ databaseUrl, temporalAddress: temporal.address, namespace: 'everwave' }),
    EVERWAVE_SCALE_RUNS: String(runs),
    EVERWAVE_SCALE_REPORT: report,
  });
  const memory = residentMegabytes(temporal.process.pid ?? 0);
  if (code !== 0)
    throw new Refusal(
      `The scale-out test failed. Temporal's last words:\n${readFileSync(logFile, 'utf8').slice(-2000)}`,
    );
  await checkNamespace(temporal.address);
  const measured = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as object) : {};
  console.log(
    JSON.stringify({
      temporalServer: version,
      ...measured,
      temporalMegabytes: memory,
      ...(await countConnections(database)),
    }),
  );
};

/** Each role can open its own databases and not the other's. */
const checkWalls = async ({ port, everwavePassword, temporalPassword }: ClusterPostgres): Promise<void> => {
  const urls = [
    `postgres://everwave:${everwavePassword}@127.0.0.1:${port}/temporal`,
    `postgres://temporal:${temporalPassword}@127.0.0.1:${port}/everwave`,
  ];
  for (const url of urls) {
    const sql = postgres(url, { max: 1 });
    const opened = await sql`select 1`.then(
      () => true,
      (error: unknown) => !String(error).includes('permission denied'),
    );
    await sql.end();
    if (opened)
      throw new Refusal(`${new URL(url).username} can open the database${new URL(url).pathname.replace('/', ' ')}.`);
  }
  console.log('✓ neither role can open the other’s databases');
};

const settingsOf = (address: string, namespace: string) => ({ address, namespace, apiKey: null, tls: null });

const checkServer = async (address: string, version: string): Promise<void> => {
  const connection = await connectToTemporal(settingsOf(address, 'temporal-system'));
  try {
    const { serverVersion, persistenceStore, historyShardCount } = await connection.workflowService.getClusterInfo({});
    const shards = readService('temporal').environment['NUM_HISTORY_SHARDS'];
    if (serverVersion !== version || !persistenceStore?.includes('postgres') || String(historyShardCount) !== shards) {
      throw new Refusal(`The server says ${serverVersion} on ${persistenceStore} with ${historyShardCount} shards.`);
    }
    console.log(`✓ Temporal ${serverVersion} on ${persistenceStore} with ${historyShardCount} history shards`);
  } finally {
    await connection.close();
  }
};

/** Made by the first worker that started. */
const checkNamespace = async (address: string): Promise<void> => {
  const connection = await connectToTemporal(settingsOf(address, 'everwave'));
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'everwave' });
    const ours = Object.keys(customAttributes ?? {}).filter((name) => name.startsWith('Everwave'));
    if (ours.length === 0) throw new Refusal('The namespace has none of our search attributes.');
    console.log(`✓ namespace everwave with ${ours.length} search attributes, made by our worker`);
  } finally {
    await connection.close();
  }
};

const runScaleOut = (environment: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const vitest = join(projectFolder, 'node_modules', 'vitest', 'vitest.mjs');
    const args = [vitest, 'run', '--project', 'chaos', 'chaos/scale-out.test.ts', '--testTimeout', '400000'];
    const child = spawn(process.execPath, args, {
      cwd: projectFolder,
      env: { ...process.env, ...environment },
      stdio: 'inherit',
    });
    const limit = setTimeout(() => child.kill('SIGTERM'), 14 * 60_000);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve(code ?? 1);
    });
  });

/** Temporal keeps its pools open, so their size can be read after the load. */
const countConnections = async ({ adminUrl }: ClusterPostgres): Promise<object> => {
  const sql = postgres(adminUrl, { max: 1 });
  try {
    const rows =
      await sql`select usename as role, count(*)::int as count from pg_stat_activity where usename is not null group by 1`;
    return { connectionsAfterwards: Object.fromEntries(rows.map(({ role, count }) => [role, count])) };
  } finally {
    await sql.end();
  }
};

const residentMegabytes = (pid: number): number | null => {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return null;
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0) / 1024);
};

try {
  await main();
} catch (error) {
  console.error(`✗ ${error instanceof Refusal ? error.message : error instanceof Error ? error.stack : String(error)}`);
  process.exitCode = 1;
} finally {
  for (const close of closers.reverse()) await close();
}
