import { runFileListSchema } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { keepFile } from '@everwave/temporal/values';
import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toAttachment } from '../../http/stream-file.ts';
import { aGraph, aNode } from '../../testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let developer: Call;
let runId: string;

beforeAll(async () => {
  api = await createTestApi();
  org = await api.createOrg();
  developer = await org.as('developer');
  const graph = aGraph(
    [aNode('start', 'trigger.manual'), aNode('read', 'example.read', { input: { key: 'a' } })],
    [['start', 'read']],
  );
  const { id } = (await developer('POST /v1/flows', { name: 'Bills', graph })).body;
  await developer(`POST /v1/flows/${id}/publish`);
  runId = (await developer(`POST /v1/flows/${id}/runs`, {})).body.runId;
});
afterAll(() => api.close());

const keep = async (
  file: { readonly name: string; readonly mediaType: string; readonly content: string },
  use: { readonly path?: string; readonly name?: string; readonly ordinal?: number } = {},
) => {
  const { sha256 } = await keepFile(
    api.db,
    api.ring,
    [{ orgId: org.orgId, runId, path: 'read', ordinal: 1, name: 'file:1', ...use }],
    { ...file, content: ReadableStream.from([Buffer.from(file.content)]) },
  );
  return sha256;
};
const list = async (query = '') => {
  const { status, body } = await developer(`GET /v1/runs/${runId}/files${query}`);
  expect(status).toBe(200);
  return runFileListSchema.parse(body);
};

describe('files of a run', () => {
  it('are listed with name, type, size and step, also those of sub-flows, a page at a time', async () => {
    expect(await list()).toEqual({ items: [], nextCursor: null });
    const child = `run_${'c'.repeat(32)}`;
    const sha256 = await keep({ name: 'für Zoë.pdf', mediaType: 'application/pdf', content: 'bill' });
    await keep({ name: 'b.txt', mediaType: 'text/plain', content: 'two' }, { path: 'each[1].read' });
    await keep({ name: 'c.txt', mediaType: 'text/plain', content: 'three' }, { path: `${child}/make` });
    const first = await list('?limit=2');
    expect(first.items).toMatchObject([
      { name: 'für Zoë.pdf', mediaType: 'application/pdf', bytes: 4, sha256, runId, path: 'read', ordinal: 1 },
      { name: 'b.txt', bytes: 3, runId, path: 'each[1].read' },
    ]);
    const second = await list(`?limit=2&cursor=${first.nextCursor}`);
    expect(second).toMatchObject({ items: [{ name: 'c.txt', runId: child, path: 'make' }], nextCursor: null });
  });

  it('are downloaded under their name and type, and shown by no browser', async () => {
    const content = '<script>alert(1)</script>';
    const sha256 = await keep({ name: `a"b'ü.html`, mediaType: 'text/html', content }, { name: 'file:2' });
    const response = await developer(`GET /v1/runs/${runId}/files/${sha256}`);
    expect([response.status, response.text]).toEqual([200, content]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html',
      'content-length': String(content.length),
      'content-disposition': `attachment; filename="a_b__.html"; filename*=UTF-8''a%22b%27%C3%BC.html`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    });
  });

  it('are none where a step failed, and not what a step has only opened', async () => {
    const failed = await keep({ name: 'half.txt', mediaType: 'text/plain', content: 'half' }, { path: 'failed' });
    const step = { orgId: org.orgId, runId, path: 'failed', stepId: 'failed', ordinal: 1, seq: 1 };
    await withOrg(api.db, org.orgId, (tx) =>
      tx.insert(tables.runSteps).values({ ...step, status: 'failed', temporalRunId: 'temporal-1', attempts: 1 }),
    );
    const opened = await keep({ name: 'opened.txt', mediaType: 'text/plain', content: 'opened' }, { path: 'reader' });
    await withOrg(api.db, org.orgId, (tx) =>
      tx
        .update(tables.blobUses)
        .set({ fileSealed: null })
        .where(and(eq(tables.blobUses.runId, runId), eq(tables.blobUses.path, 'reader'))),
    );
    const { items } = await list('?limit=100');
    expect(items.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['half.txt']));
    expect(items.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['opened.txt']));
    for (const sha256 of [failed, opened, 'f'.repeat(64)]) {
      const answer = await developer(`GET /v1/runs/${runId}/files/${sha256}`);
      expect([answer.status, answer.body.code]).toEqual([404, 'file_not_found']);
    }
  });

  it('are for nobody of another org, and need a whole hash', async () => {
    const [file] = (await list()).items;
    const stranger = await (await api.createOrg()).as('owner');
    for (const path of ['files', `files/${file?.sha256}`]) {
      const answer = await stranger(`GET /v1/runs/${runId}/${path}`);
      expect([answer.status, answer.body.code]).toEqual([404, 'run_not_found']);
    }
    expect((await developer(`GET /v1/runs/${runId}/files/..%2Fb`)).status).toBe(400);
  });
});

it('a name is quoted so that nothing of it is read as another part of the header', () => {
  expect(toAttachment('a\r\nset-cookie: b;".txt')).toBe(
    `attachment; filename="a__set-cookie_ b__.txt"; filename*=UTF-8''a%0D%0Aset-cookie%3A%20b%3B%22.txt`,
  );
});
