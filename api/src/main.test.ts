import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createMasterKeyText } from '@everwave/temporal/encryption';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEmptyTestDatabase, type TestDatabase } from '../../scripts/testing/test-database.ts';

const program = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));

let database: TestDatabase;
let environment: Record<string, string>;
const children: ChildProcess[] = [];
beforeEach(async () => {
  database = await createEmptyTestDatabase();
  environment = {
    DATABASE_URL: database.url,
    EVERWAVE_SECRET_KEY: createMasterKeyText(),
    EVERWAVE_API_PORT: '0',
    EVERWAVE_DEMO: '1',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  };
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await database.close();
});

interface Started {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly exit: Promise<number | null>;
}

const start = (name: string, variables: Record<string, string> = {}): Started => {
  const child = spawn(process.execPath, [program(name)], { env: { ...environment, ...variables } });
  children.push(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trim().split('\n')));
  }
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  return { child, lines, exit };
};

const addressOf = async ({ lines }: Started): Promise<string> => {
  const line = () => lines.find((text) => text.includes('"api is up"'));
  await expect.poll(line, { timeout: 40_000 }).toBeTruthy();
  return (JSON.parse(line() ?? '') as { url: string }).url;
};

it('takes deliveries while Temporal is away, says so, and drains on SIGTERM', async () => {
  const prepared = start('prepare.ts');
  expect(await prepared.exit).toBe(0);
  const { sampleCurl, apiKey } = JSON.parse(prepared.lines[0] ?? '') as { sampleCurl: string; apiKey: string };
  const hook = /\/hooks\/[\w-]+/.exec(sampleCurl)?.[0] ?? '';

  const api = start('main.ts');
  const url = await addressOf(api);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const readiness = await fetch(`${url}/readyz`);
  expect([readiness.status, await readiness.json()]).toMatchObject([
    503,
    { checks: { postgres: { ok: true }, temporal: { ok: false } } },
  ]);
  const delivered = await fetch(`${url}${hook}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'request-main-1' },
    body: '{"orderId":"A-1042","customerId":"c_7","total":129.9}',
  });
  expect(delivered.status).toBe(202);
  const { runId } = (await delivered.json()) as { runId: string };
  const run = await fetch(`${url}/v1/runs/${runId}`, { headers: { authorization: `Bearer ${apiKey}` } });
  expect(await run.json()).toMatchObject({ id: runId, status: 'queued', requestId: 'request-main-1' });

  const stream = await fetch(`${url}/v1/runs/events`, { headers: { authorization: `Bearer ${apiKey}` } });
  api.child.kill('SIGTERM');
  await stream.text();
  expect(await api.exit).toBe(0);
  const log = api.lines.join('\n');
  expect(api.lines.every((line) => line.startsWith('{'))).toBe(true);
  expect(log).toContain('"requestId":"request-main-1"');
  expect(log).toContain('"stopped"');
  for (const secret of [apiKey, hook.slice(7), environment['EVERWAVE_SECRET_KEY'] ?? '', 'A-1042']) {
    expect(log).not.toContain(secret);
  }
});

it.each([
  ['no settings at all', { DATABASE_URL: '', EVERWAVE_LOG_LEVEL: 'loud' }, /DATABASE_URL: .*EVERWAVE_LOG_LEVEL: /s],
  ['half of a TLS key pair', { TEMPORAL_TLS_CERT_FILE: 'a.pem' }, /belong together/],
  [
    'a file of breached passwords that is not there',
    { EVERWAVE_BREACHED_PASSWORDS_FILE: '/nowhere/hashes.txt' },
    /EVERWAVE_BREACHED_PASSWORDS_FILE names \/nowhere\/hashes.txt, which cannot be opened/,
  ],
])('refuses to start with %s, and says why', async (_what, variables, message) => {
  const api = start('main.ts', variables);
  expect(await api.exit).toBe(1);
  expect(api.lines.join('\n').replaceAll('\\n', '\n')).toMatch(message);
});
