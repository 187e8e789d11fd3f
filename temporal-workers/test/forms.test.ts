import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ApiCaller, createApiCaller } from './api-caller.ts';
import { createHarness, eventually, type Harness } from './harness.ts';
import { createProcesses, type Processes } from './processes.ts';

// The demo's flow for forms, from the sender to the file that its code has made: a real api and a real worker.

let harness: Harness;
let processes: Processes;
let caller: ApiCaller;
let api: string;
beforeAll(async () => {
  harness = await createHarness({ activities: {}, withoutWorker: true });
  processes = createProcesses(harness);
  processes.start('worker');
  api = (await processes.startApi()).url;
  caller = await createApiCaller(harness, 'developer');
}, 120_000);
afterAll(async () => {
  processes.close();
  await harness.close();
});

const call = (method: string, path: string, body?: unknown) => caller.call(api, method, path, body);
const ended = (runId: string) =>
  eventually(
    () => call('GET', `/v1/runs/${runId}`),
    ({ status }) => status !== 'queued' && status !== 'running',
    90_000,
  );

it('a form starts a run whose code reads its file and makes another, and so does one that starts the run again', async () => {
  const file = new URL('../../seeds/demo/flows/receipts.yaml', import.meta.url);
  const { name, graph } = parse(readFileSync(file, 'utf8')) as { name: string; graph: unknown };
  const { id } = await call('POST', '/v1/flows', { name, graph });
  await call('POST', `/v1/flows/${id}/publish`, {});
  const { triggers } = await call('GET', `/v1/flows/${id}`);

  const form = new FormData();
  form.set('who', 'Ada');
  form.set('receipts', new Blob(['what;total\ncoffee;4.5\nlunch;21\n'], { type: 'text/csv' }), 'receipts.csv');
  const answer = await fetch(`${api}${new URL(triggers[0].url).pathname}`, { method: 'POST', body: form });
  expect(answer.status).toBe(202);
  const { runId } = (await answer.json()) as { runId: string };
  const again = async (of: string) => (await call('POST', `/v1/runs/${of}/rerun`, {})).runId as string;

  for (const each of [runId, await ended(runId).then(() => again(runId))]) {
    const run = await ended(each);
    expect(run).toMatchObject({
      status: 'succeeded',
      output: { total: 25.5, summary: { name: 'summary.txt', mediaType: 'text/plain' } },
    });
    const { items } = await call('GET', `/v1/runs/${each}/files`);
    expect(items.map(({ name: fileName, path }: { name: string; path: string }) => [path, fileName])).toEqual([
      ['form', 'receipts.csv'],
      ['sum', 'summary.txt'],
    ]);
    const summary = await caller.request(api, 'GET', `/v1/runs/${each}/files/${run.output.summary.sha256}`);
    expect(await summary.text()).toBe('Ada: 2 receipts, 25.50 in all\n');
  }
}, 180_000);
