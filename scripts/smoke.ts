import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { flowSchema, flowVersionSummarySchema, meSchema, runSchema, startedRunSchema } from '@everwave/schema/api';
import * as z from 'zod';
import { createClient } from '../cli/src/client.ts';
import { readAccess } from '../cli/src/env.ts';
import { projectFolder } from './lib/folders.ts';
import { Refusal } from './lib/refusal.ts';

const usage = `Usage: pnpm smoke [<api address>] [--web <address>]

Walks through a running Everwave: its health, sign-in with a key, a flow made, published, triggered and finished. Leaves an
archived flow behind. The api and its key are found as everwave finds them: EVERWAVE_API_URL and EVERWAVE_API_KEY, or the
data folder of npm start.`;

const patience = 60_000;

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, web: { type: 'string' } },
  });
  if (values.help) return void process.stdout.write(`${usage}\n`);
  const [address] = positionals;
  const variables = address ? { ...process.env, EVERWAVE_API_URL: address } : process.env;
  const access = readAccess(variables, projectFolder);
  const client = createClient(access);
  const { apiUrl } = access;
  const failures: string[] = [];
  const check = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      const result = await work();
      process.stdout.write(`✓ ${what}\n`);
      return result;
    } catch (error) {
      failures.push(what);
      process.stdout.write(`✗ ${what}: ${(error as Error).message}\n`);
      return null;
    }
  };

  await check('the api lives', () => expectOk(`${apiUrl}/healthz`));
  await check('the api reaches its database and Temporal', () => expectOk(`${apiUrl}/readyz`));
  await check('the api describes itself', () => expectOk(`${apiUrl}/openapi.json`));
  const { web } = values;
  if (web) await check('the web answers', () => expectOk(`${web}/healthz`));
  await check('the key signs in', () => client.get('/v1/me', meSchema));
  const flow = await check('a flow is made and published', async () => {
    const made = await client.post('/v1/flows', { name: `Smoke test ${randomUUID().slice(0, 8)}`, graph }, flowSchema);
    await client.post(`/v1/flows/${made.id}/publish`, {}, flowVersionSummarySchema);
    return client.get(`/v1/flows/${made.id}`, flowSchema);
  });
  if (flow) {
    const hook = flow.triggers[0]?.url ?? '';
    const run = await check('its webhook takes a delivery', () => deliver(hook));
    if (run) {
      await check('the run ends with the answer it should have', () => untilDone(client, run));
      await check('the same delivery gives the same run', async () => {
        const again = await deliver(hook, run.deliveryId);
        if (again.runId !== run.runId) throw new Error(`it gave ${again.runId}, not ${run.runId}`);
      });
    }
    await check('the flow is archived', () => client.post(`/v1/flows/${flow.id}/archive`, {}, z.unknown()));
  }
  process.stdout.write(failures.length === 0 ? 'All is well.\n' : `${failures.length} checks failed.\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
};

const graph = {
  nodes: [
    { id: 'hook', kind: 'trigger.webhook', title: 'Hook' },
    { id: 'pause', kind: 'control.delay', title: 'A moment', input: { duration: '1s' } },
    { id: 'done', kind: 'control.return', title: 'Done', input: { output: '{{ trigger.body.word }}' } },
  ],
  edges: [
    { id: 'e1', from: 'hook', to: 'pause' },
    { id: 'e2', from: 'pause', to: 'done' },
  ],
};
const word = 'smoke';

const expectOk = async (url: string): Promise<void> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch(() => null);
  if (!response) throw new Error(`${url} does not answer`);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
  await response.body?.cancel();
};

const deliver = async (hook: string, deliveryId: string = randomUUID()) => {
  const response = await fetch(hook, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'webhook-id': deliveryId },
    body: JSON.stringify({ word }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return { deliveryId, runId: startedRunSchema.parse(await response.json()).runId };
};

const untilDone = async (client: ReturnType<typeof createClient>, { runId }: { runId: string }): Promise<void> => {
  const end = Date.now() + patience;
  for (;;) {
    const { status, output } = await client.get(`/v1/runs/${runId}`, runSchema);
    if (status === 'succeeded' && output === word) return;
    if (!['queued', 'running', 'waiting'].includes(status))
      throw new Error(`it is ${status}, with ${JSON.stringify(output)}`);
    if (Date.now() > end) throw new Error(`it is still ${status} after ${patience / 1000} s. Is a worker running?`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};

main().catch((error: unknown) => {
  const text = error instanceof Refusal || error instanceof Error ? error.message : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
