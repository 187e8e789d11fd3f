import { tables, withOrg } from '@everwave/schema/db';
import { keepBlob } from '@everwave/temporal/values';
import { createDataConverter } from '@everwave/temporal/data-converter';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../testing/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

it('shows the reference to a large value, as the run has it, and not the value', async () => {
  const org = await api.createOrg();
  const { orgId } = org;
  const runId = `run_${'1'.repeat(32)}`;
  const end = 'the end of what is large';
  const content = Buffer.from(JSON.stringify({ text: `${'x'.repeat(100_000)}${end}` }));
  const use = { orgId, runId, path: 'fetch', ordinal: 1, name: 'output' };
  const sha256 = await keepBlob(api.db, api.ring, use, { content, mediaType: 'application/json' });
  const reference = { ref: `blob:${sha256}`, sha256, bytes: content.length, preview: '{"text":"xxx' };
  const result = { output: null, large: { reference } };

  const { payloadCodecs: [codec] = [] } = createDataConverter({ ring: api.ring, withoutOrg: 'refuse' });
  const context = { type: 'workflow' as const, namespace: 'default', workflowId: `t/${orgId}/r/${runId}` };
  const plain = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(result)) };
  const [sealed] = (await codec?.encode([plain], context)) ?? [];
  const payload = {
    metadata: Object.fromEntries(
      Object.entries(sealed?.metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
    data: Buffer.from(sealed?.data ?? []).toString('base64'),
  };
  const operator = await org.as('operator');
  const { status, body } = await operator('POST /codec/decode', { payloads: [payload] }, { 'x-namespace': 'default' });
  expect(status).toBe(200);
  const shown = Buffer.from(body.payloads[0].data, 'base64').toString();
  expect(JSON.parse(shown)).toEqual(result);
  expect(shown).not.toContain(end);
  expect(shown.length).toBeLessThan(1_000);
  const entries = await withOrg(api.db, orgId, (tx) => tx.select().from(tables.auditEvents));
  expect(entries).toMatchObject([{ action: 'payloads.decoded', details: { payloads: 1 } }]);
});
