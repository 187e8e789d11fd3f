import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDevServer } from '@everwave/temporal/dev-server';
import { findTemporal } from '@everwave/temporal/install';
import * as z from 'zod';
import { readService } from './deploy/compose-file.ts';
import { startEmbeddedPostgres } from './lib/embedded-postgres.ts';
import { projectFolder, toolsFolder } from './lib/folders.ts';
import { freePort } from './lib/ports.ts';
import { listContext } from './verify-images/build-context.ts';
import { type BuiltStage, createBuilder } from './verify-images/build-stages.ts';
import { parseDockerfile } from './verify-images/parse-dockerfile.ts';
import { type RunningTarget, runToEnd, startTarget } from './verify-images/run-target.ts';

// Carries out deploy/Dockerfile step by step on this machine, in temporary folders, and starts what comes out of it with
// the environment that docker-compose.yml gives each service: so the lists of files and the production packages are shown
// to be enough, without a container engine. What it does not show: the base image, the limits, the networks.

const preparedSchema = z.object({ apiKey: z.string(), sampleCurl: z.string(), setupUrl: z.string() });
const startedSchema = z.object({ runId: z.string() });
const runSchema = z.object({ status: z.string() });

const say = (line: string) => console.log(`  ${line}`);
const closers: (() => Promise<unknown>)[] = [];

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'everwave-images-'));
  chmodSync(folder, 0o755);
  closers.push(async () => rmSync(folder, { recursive: true, force: true }));

  checkCompose(folder);
  const build = createBuilder({
    stages: parseDockerfile(readFileSync(join(projectFolder, 'deploy', 'Dockerfile'), 'utf8')),
    projectFolder,
    context: listContext(projectFolder),
    folder: join(folder, 'stages'),
    say,
  });
  const images = ['api', 'prepare', 'worker', 'web', 'demo', 'cli', 'backup'].map((name) => ({
    name,
    stage: build(name),
  }));
  for (const { name, stage } of images) describeImage(name, stage);
  await startProduct(folder, (name) => build(name));
};

/** `docker compose`, or the older program, where one of them is installed. */
const checkCompose = (folder: string): void => {
  const secrets = join(folder, 'made-secrets');
  execFileSync('sh', [join(projectFolder, 'deploy', 'make-secrets.sh'), secrets]);
  const environment = {
    ...process.env,
    EVERWAVE_SECRETS: secrets,
    COMPOSE_PROFILES: 'temporal-ui,observability,demo,backup',
  };
  for (const [program, ...args] of [['docker', 'compose'], ['docker-compose']] as const) {
    const options = { cwd: projectFolder, encoding: 'utf8', env: environment } as const;
    if (spawnSync(program, [...args, 'version'], options).status !== 0) continue;
    const { status, stderr } = spawnSync(
      program,
      [...args, '--file', 'docker-compose.yml', 'config', '--quiet'],
      options,
    );
    if (status !== 0) throw new Error(`${[program, ...args].join(' ')} config refuses docker-compose.yml:\n${stderr}`);
    console.log(`✓ docker-compose.yml is accepted by ${[program, ...args].join(' ')} config`);
    return;
  }
  console.log('– docker-compose.yml is not checked: there is neither docker compose nor docker-compose');
};

/** Programs for development that would show that an install was no production one. */
const forDevelopment =
  /^(vitest|typescript|vite|oxlint|knip|playwright-core|fast-check|drizzle-kit|@biomejs\+biome|@embedded-postgres\+.*)@/;

const describeImage = (name: string, { root, user }: BuiltStage): void => {
  const app = join(root, 'app');
  const files = readdirSync(app, { recursive: true, encoding: 'utf8' });
  const tests = files.filter((file) => /\.test\.tsx?$/.test(file) && !file.includes('node_modules'));
  const packages = readdirSync(join(app, 'node_modules', '.pnpm'));
  const strange = [...tests, ...packages.filter((one) => forDevelopment.test(one))];
  if (strange.length > 0) throw new Error(`The image ${name} holds what belongs to development: ${strange.join(', ')}`);
  const size = Number(execFileSync('du', ['-sm', app], { encoding: 'utf8' }).split('\t')[0]);
  console.log(`✓ ${name}: ${size} MB above its base, ${packages.length} packages, user ${user}`);
};

const startProduct = async (folder: string, image: (name: string) => BuiltStage): Promise<void> => {
  const ports = Object.fromEntries(
    await Promise.all(
      ['api', 'web', 'worker', 'mail', 'smtp', 'slack', 'http', 'openai', 'anthropic'].map(async (name) => [
        name,
        await freePort(),
      ]),
    ),
  ) as Record<string, number>;
  const { settings, fixed } = await startServers(folder, ports);

  const started: RunningTarget[] = [];
  const start = async (name: string, port: number, inside: number): Promise<RunningTarget> => {
    const stage = image(name);
    const environment = { ...readService(name, settings).environment, ...fixed };
    const target = startTarget({ name, stage, environment, addresses: { [`:${inside}/`]: `:${port}/` } });
    started.push(target);
    closers.push(async () => target.kill());
    await target.untilHealthy();
    console.log(`✓ ${name} answers its health check`);
    return target;
  };

  const { demo, api, worker, web } = {
    demo: ports['mail'],
    api: ports['api'],
    worker: ports['worker'],
    web: ports['web'],
  };
  const environment = { ...readService('prepare', settings).environment, ...fixed };
  const prepared = preparedSchema.parse(
    JSON.parse(runToEnd({ name: 'prepare', stage: image('prepare'), environment })),
  );
  console.log('✓ prepare has migrated the database and ended');
  await start('demo', demo ?? 0, 3003);
  await start('worker', worker ?? 0, 3002);
  await start('api', api ?? 0, 3001);
  await start('web', web ?? 0, 3000);

  await fireSample(prepared, `http://127.0.0.1:${api}`);
  console.log('✓ the sample flow succeeded');
  const page = await fetch(prepared.setupUrl);
  if (!page.ok || !(await page.text()).includes('<html'))
    throw new Error(`The web answered ${page.status} for the owner's link.`);
  console.log('✓ web shows the page that sets the owner’s password, through the api');
  const cli = runToEnd({
    name: 'cli',
    stage: { ...image('cli'), command: ['run', 'list', '--json'] },
    environment: { EVERWAVE_API_URL: `http://127.0.0.1:${api}`, EVERWAVE_API_KEY: prepared.apiKey },
  });
  if (!cli.includes('"succeeded"')) throw new Error(`The cli does not list the run: ${cli}`);
  console.log('✓ cli lists the run');

  const backups = join(folder, 'backups');
  mkdirSync(backups);
  chmodSync(backups, 0o777);
  const written = runToEnd({
    name: 'backup',
    stage: { ...image('backup'), command: ['node', 'scripts/backup.ts', backups, '--keep', '1'] },
    environment: { ...readService('backup', settings).environment, ...fixed },
  });
  if (!/tables, the master key; \d+ bytes/.test(written)) throw new Error(`The backup holds too little: ${written}`);
  console.log('✓ backup writes the database and the master key into one file while all of them run');

  for (const target of started.toReversed()) {
    const code = await target.stop();
    if (code !== 0) throw new Error(`${target.name} ended with ${code} after SIGTERM:\n${target.said().slice(-2000)}`);
  }
  console.log('✓ every process ended with 0 after SIGTERM');
};

/** Postgres and Temporal as everywhere else in development; what is shown here are our own images. */
const startServers = async (folder: string, ports: Readonly<Record<string, number>>) => {
  const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'data'), port: 0, database: 'everwave' });
  closers.push(() => postgres.stop());
  const temporal = await findTemporal(toolsFolder(), process.env);
  if (!temporal) throw new Error('This needs Temporal: npm start once installs it.');
  const server = await startDevServer({
    binary: temporal.binary,
    host: '127.0.0.1',
    port: await freePort(),
    uiPort: null,
    databaseFile: null,
    namespace: 'everwave',
  });
  closers.push(() => server.stop());

  const database = new URL(postgres.url);
  const secrets = join(folder, 'mounted-secrets');
  mkdirSync(secrets, { mode: 0o755 });
  for (const name of ['everwave-secret-key', 'metrics-token', 'backup-passphrase']) {
    copyFileSync(join(folder, 'made-secrets', name), join(secrets, name));
  }
  writeFileSync(join(secrets, 'everwave-database-password'), `${database.password}\n`, { mode: 0o444 });
  database.password = '';

  const at = (name: string) => String(ports[name]);
  const hosts = [at('smtp'), at('slack'), at('http'), at('openai'), at('anthropic')].map((port) => `127.0.0.1:${port}`);
  return {
    settings: {
      EVERWAVE_DATABASE_URL: String(database),
      EVERWAVE_TEMPORAL_ADDRESS: server.address,
      EVERWAVE_URL: `http://127.0.0.1:${at('web')}`,
      EVERWAVE_API_URL: `http://127.0.0.1:${at('api')}`,
      EVERWAVE_DEMO: '1',
      EVERWAVE_EGRESS_ALLOW: hosts.join(','),
    },
    // What is fixed inside a container, and another here, where all share one machine.
    fixed: {
      EVERWAVE_HOST: '127.0.0.1',
      EVERWAVE_API_PORT: at('api'),
      EVERWAVE_WEB_PORT: at('web'),
      EVERWAVE_WORKER_PORT: at('worker'),
      EVERWAVE_API_INTERNAL_URL: `http://127.0.0.1:${at('api')}`,
      EVERWAVE_DEMO_HOST: '127.0.0.1',
      EVERWAVE_DEMO_MAIL_PORT: at('mail'),
      EVERWAVE_DEMO_SMTP_PORT: at('smtp'),
      EVERWAVE_DEMO_SLACK_PORT: at('slack'),
      EVERWAVE_DEMO_HTTP_PORT: at('http'),
      EVERWAVE_DEMO_OPENAI_PORT: at('openai'),
      EVERWAVE_DEMO_ANTHROPIC_PORT: at('anthropic'),
      PGPASSWORD_FILE: join(secrets, 'everwave-database-password'),
      EVERWAVE_SECRET_KEY_FILE: join(secrets, 'everwave-secret-key'),
      EVERWAVE_METRICS_TOKEN_FILE: join(secrets, 'metrics-token'),
      EVERWAVE_BACKUP_PASSPHRASE_FILE: join(secrets, 'backup-passphrase'),
    },
  };
};

const fireSample = async ({ sampleCurl, apiKey }: z.infer<typeof preparedSchema>, apiUrl: string): Promise<void> => {
  const reply = execFileSync('sh', ['-c', `${sampleCurl} --silent --show-error`], { encoding: 'utf8' });
  const { runId } = startedSchema.parse(JSON.parse(reply));
  const end = Date.now() + 60_000;
  for (;;) {
    const response = await fetch(`${apiUrl}/v1/runs/${runId}`, { headers: { 'x-api-key': apiKey } });
    const { status } = runSchema.parse(await response.json());
    if (status === 'succeeded') return;
    if (Date.now() > end || status === 'failed') throw new Error(`The sample run is ${status}.`);
    await sleep(200);
  }
};

try {
  await main();
} catch (error) {
  console.error(`✗ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  for (const close of closers.reverse()) await close();
}
