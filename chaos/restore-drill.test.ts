import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createMasterKeyText } from '@everwave/temporal/encryption';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { projectFolder } from '../scripts/lib/folders.ts';
import { type OrderFlow, publishOrderFlow } from './order-flow.ts';
import { type OutsideWorld, startOutsideWorld } from './outside-world.ts';
import { type LiveProduct, startLiveProduct } from './product.ts';

// The drill of docs/operate-backup.md on real processes: a backup while runs are open, the machine lost, a restore.

let world: OutsideWorld;
let product: LiveProduct;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'everwave-drill-'));
  world = await startOutsideWorld();
  product = await startLiveProduct(world.egressAllow);
}, 300_000);

afterAll(async () => {
  await product?.stop();
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const run = promisify(execFile);
const everwave = async (...words: string[]): Promise<string> => {
  const { stdout } = await run(process.execPath, [join(projectFolder, 'cli/bin/everwave.mjs'), ...words], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], EVERWAVE_DATA: product.dataFolder },
  });
  return stdout;
};
const refusal = async (...words: string[]): Promise<string> =>
  everwave(...words).then(
    (said) => `It worked: ${said}`,
    (error: unknown) => (error as { stderr: string }).stderr.trim(),
  );

const owner = { name: 'Ada', email: 'ada@example.com', password: 'a password of some length' };

const makeOwner = (): Promise<unknown> => {
  const token = new URL(product.setupUrl ?? '').searchParams.get('token');
  return product.call('POST', '/v1/setup', { token, ...owner }, z.unknown());
};

const signIn = async (): Promise<{ user: { email: string } | null }> => {
  const answer = await fetch(`${product.apiUrl}/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: product.webUrl },
    body: JSON.stringify({ email: owner.email, password: owner.password }),
  });
  expect(answer.status).toBe(200);
  const cookie = answer.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const me = await fetch(`${product.apiUrl}/v1/me`, { headers: { cookie } });
  return (await me.json()) as { user: { email: string } | null };
};

const anOrder = (): string => `D${randomUUID().slice(0, 8)}`;
const deliver = async (flow: OrderFlow): Promise<{ readonly order: string; readonly runId: string }> => {
  const order = anOrder();
  return { order, ...(await flow.deliver(order)) };
};
const succeeded = ['succeeded', ({ status }: { status: string }) => status === 'succeeded'] as const;
const needsAttention = ['asked', ({ status }: { status: string }) => status === 'needs_attention'] as const;

it('brings people, secrets, finished, parked and waiting runs back, under a new key too, and doubles nothing', async () => {
  await makeOwner();
  const quick: OrderFlow = await publishOrderFlow(product, world, '0s');
  const slow = await publishOrderFlow(product, world, '45s', 'Slow');

  const finished = await deliver(quick);
  await product.waitFor(finished.runId, ...succeeded);
  const body = '{"ok":false,"error":"channel_not_found"}';
  world.slack.faults.add({
    path: '/api/chat.postMessage',
    status: 200,
    body,
    headers: { 'content-type': 'application/json' },
  });
  const parked = await deliver(quick);
  await product.waitFor(parked.runId, ...needsAttention);
  const waiting = await deliver(slow);
  await product.waitFor(waiting.runId, 'waited', ({ steps }) =>
    steps.some(({ path, status }) => path === 'pause' && status === 'waiting'),
  );

  const passphraseFile = join(folder, 'passphrase');
  writeFileSync(passphraseFile, 'a passphrase for the drill\n');
  expect(await refusal('backup', folder)).toContain('so it is encrypted: give --passphrase-file');
  const backupStarted = performance.now();
  const said = await everwave('backup', folder, '--keep', '7', '--passphrase-file', passphraseFile);
  const backupSeconds = (performance.now() - backupStarted) / 1000;
  const file = said.split('\n')[0] ?? '';
  expect(said).toContain("Temporal's file, the master key;");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await refusal('restore', file, '--passphrase-file', passphraseFile)).toContain('Everwave already runs');

  await product.killAll();
  rmSync(product.dataFolder, { recursive: true });
  writeFileSync(join(folder, 'wrong'), 'another passphrase\n');
  expect(await refusal('restore', file, '--passphrase-file', join(folder, 'wrong'))).toContain(
    'The passphrase is not the one this backup was made with.',
  );
  const restoreStarted = performance.now();
  await everwave('restore', file, '--passphrase-file', passphraseFile);
  const { dataFolder, ports } = product;
  product = await startLiveProduct(world.egressAllow, { dataFolder, ports });
  const restoreSeconds = (performance.now() - restoreStarted) / 1000;
  console.log(`backup ${backupSeconds.toFixed(1)} s, restore until ready ${restoreSeconds.toFixed(1)} s`);
  // RTO < 4 h; the data of a drill is small, so the bound is too.
  expect(restoreSeconds).toBeLessThan(240);

  expect((await signIn()).user?.email).toBe(owner.email);
  const old = await product.readRun(finished.runId);
  expect(old).toMatchObject({ status: 'succeeded', output: finished.order });
  expect(world.effectsOf(finished.order)).toEqual({ mails: 1, messages: 1 });

  // The master key is changed while runs are open, as docs/operate-upgrade.md says.
  await product.stopProcesses();
  const variables = {
    EVERWAVE_SECRET_KEY: createMasterKeyText(),
    EVERWAVE_SECRET_KEYS_PREVIOUS: readFileSync(join(dataFolder, 'secret-key'), 'utf8').trim(),
  };
  product = await startLiveProduct(world.egressAllow, { dataFolder, ports, variables });
  expect((await product.readRun(finished.runId)).output).toBe(finished.order);

  // Its e-mail was confirmed before the backup; Slack refused and is asked whether the message is there.
  await product.repair(parked.runId, { action: 'retryStep', path: 'slack' });
  await product.waitFor(parked.runId, ...succeeded);
  expect(world.effectsOf(parked.order)).toEqual({ mails: 1, messages: 1 });

  // The waiting run goes on. Slack can be asked; nobody knows whether the e-mail left between backup and failure.
  const asked = await product.waitFor(waiting.runId, ...needsAttention);
  expect(asked.steps.filter(({ status }) => status === 'needs_attention')).toMatchObject([
    { path: 'email', failure: { unsure: true, message: expect.stringContaining('restored from a backup') } },
  ]);
  expect(world.effectsOf(waiting.order).mails).toBe(0);
  await product.repair(waiting.runId, { action: 'retryStep', path: 'email' });
  await product.waitFor(waiting.runId, ...succeeded);
  expect(world.effectsOf(waiting.order)).toEqual({ mails: 1, messages: 1 });

  // Webhooks that come now have no past.
  const fresh = await deliver(quick);
  await product.waitFor(fresh.runId, ...succeeded);
  expect(world.effectsOf(fresh.order)).toEqual({ mails: 1, messages: 1 });
});
