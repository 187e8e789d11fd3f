import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { runSchema } from '@everwave/schema/api';
import { projectFolder } from '../scripts/lib/folders.ts';
import { processStart } from '../scripts/lib/process-identity.ts';
import { choosePorts } from '../scripts/supervisor/addresses.ts';
import { parseSettings, portNames } from '../scripts/supervisor/env.ts';

// `npm start` as a process of its own: stopped, interrupted, killed, and started again on the same data.

let dataFolder: string;
let ports: Record<string, number>;
const running: ChildProcess[] = [];

beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'everwave-supervisor-'));
  const open = Object.fromEntries(portNames.map((name) => [name, '0']));
  ({ ports } = await choosePorts(parseSettings({ ...open, EVERWAVE_DATA: dataFolder })));
});

// One that fails must not keep the data folder from the next.
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await ended(child);
  }
}, 60_000);

afterAll(() => rmSync(dataFolder, { recursive: true, force: true }));

it('finds all data after Ctrl-C, and leaves no process behind', async () => {
  const first = await start();
  const runId = await fire(first.curl);
  await untilSucceeded(runId);
  const pids = ownProcesses();
  expect(pids).toHaveLength(6);
  first.child.kill('SIGINT');
  expect(await ended(first.child)).toBe(0);
  expect(first.lines.at(-1)).toBe(`Stopped. All data is in ${dataFolder}`);
  expect(pids.filter((pid) => processStart(pid) !== null)).toEqual([]);

  const second = await start();
  expect((await readRun(runId)).status).toBe('succeeded');
  expect(second.curl).toBe(first.curl);
  second.child.kill('SIGTERM');
  expect(await ended(second.child)).toBe(0);
});

it('clears away what a killed supervisor left behind, and the run that was open goes on', async () => {
  const first = await start();
  await fault('EVERWAVE_DEMO_HTTP_PORT', { path: '/customers', how: 'hang' });
  const runId = await fire(first.curl);
  await expect
    .poll(async () => (await readRun(runId)).steps.find(({ path }) => path === 'customer')?.status, { timeout: 60_000 })
    .toBe('running');
  const orphans = ownProcesses();
  first.child.kill('SIGKILL');
  await ended(first.child);
  expect(orphans.filter((pid) => processStart(pid) === null)).toEqual([]);

  const second = await start();
  expect(second.lines.find((line) => line.startsWith('Ended what an interrupted start left behind'))).toMatch(
    /postgres.*temporal.*worker/,
  );
  expect(orphans.filter((pid) => processStart(pid) !== null)).toEqual([]);
  await untilSucceeded(runId);
  for (const name of ['EVERWAVE_DEMO_MAIL_PORT', 'EVERWAVE_DEMO_SLACK_PORT']) {
    const response = await fetch(`http://127.0.0.1:${ports[name]}/messages`);
    expect(((await response.json()) as { messages: unknown[] }).messages).toHaveLength(1);
  }
  second.child.kill('SIGTERM');
  await ended(second.child);
});

it('refuses the key of other data in one sentence', async () => {
  const key = randomBytes(32).toString('base64');
  const child = spawnStart({ EVERWAVE_SECRET_KEY: key });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  expect(await ended(child)).toBe(1);
  expect(said.trim().split('\n')).toHaveLength(1);
  expect(said).toMatch(/key/i);
  expect(said).not.toContain(key);
});

interface Started {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly curl: string;
}

const spawnStart = (environment: NodeJS.ProcessEnv = {}): ChildProcess => {
  const chosen = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  const child = spawn(process.execPath, [join(projectFolder, 'scripts', 'start.ts')], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], EVERWAVE_DATA: dataFolder, ...chosen, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  return child;
};

const start = (): Promise<Started> =>
  new Promise((resolve, reject) => {
    const child = spawnStart();
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (line.startsWith('curl ') && lines.includes('Ready')) resolve({ child, lines, curl: line });
      });
    }
    child.once('exit', () => reject(new Error(`npm start ended before it was ready:\n${lines.join('\n')}`)));
  });

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once('close', (code) => resolve(code)));

const readJson = (name: string): unknown => JSON.parse(readFileSync(join(dataFolder, name), 'utf8'));

/** Process ids of everything the supervisor has started. */
const ownProcesses = (): number[] => (readJson('processes.json') as { pid: number }[]).map(({ pid }) => pid);

const fire = (curl: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const shell = spawn('sh', ['-c', `${curl} --silent --show-error`], { stdio: ['ignore', 'pipe', 'inherit'] });
    let answer = '';
    shell.stdout.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    shell.once('error', reject);
    shell.once('close', () => resolve((JSON.parse(answer) as { runId: string }).runId));
  });

const fault = async (port: string, body: object): Promise<void> => {
  const response = await fetch(`http://127.0.0.1:${ports[port]}/_fake/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(204);
};

const readRun = async (runId: string) => {
  const { apiUrl, apiKey } = readJson('cli.json') as { apiUrl: string; apiKey: string };
  const response = await fetch(`${apiUrl}/v1/runs/${runId}`, { headers: { 'x-api-key': apiKey } });
  return runSchema.parse(await response.json());
};

const untilSucceeded = (runId: string) =>
  expect.poll(async () => (await readRun(runId)).status, { timeout: 120_000, interval: 200 }).toBe('succeeded');
