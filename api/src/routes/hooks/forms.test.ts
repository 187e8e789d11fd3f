import { createHash, randomBytes } from 'node:crypto';
import { createSigningSecret, signDelivery } from '@everwave/activities/triggers';
import { tables, withSystem } from '@everwave/schema/db';
import { collectBlob, openFile, readBlob } from '@everwave/temporal/values';
import { and, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../app.ts';
import { webhookFlow } from '../../testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

const { blobParts, blobs, blobUses } = tables;

let api: TestApi;
let org: TestOrg;
let developer: Call;
let flowId: string;
let hook: string;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  developer = await org.as('developer');
  [flowId, hook] = await publishedHook();
  api.temporal.started.length = 0;
});

const publishedHook = async (input: Record<string, never> | object = {}): Promise<[string, string]> => {
  const graph = webhookFlow({ input: { ...input } });
  const { id } = (await developer('POST /v1/flows', { name: 'Bills', graph })).body;
  expect((await developer(`POST /v1/flows/${id}/publish`)).status).toBe(201);
  const [{ url }] = (await developer(`GET /v1/flows/${id}`)).body.triggers;
  return [id, new URL(url).pathname];
};

const bill = randomBytes(3_000_000);
const hashOf = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const sha256 = hashOf(bill);
const aForm = (content: Uint8Array<ArrayBuffer> = bill, note = 'May'): FormData => {
  const form = new FormData();
  form.set('note', note);
  form.set('bill', new Blob([content], { type: 'application/pdf' }), 'May.pdf');
  return form;
};
const send = async (
  form: FormData | Uint8Array<ArrayBuffer> | string,
  headers: Record<string, string> = {},
  { app = api.app, path = hook } = {},
) => {
  const response = await app.request(path, { method: 'POST', body: form, headers });
  // oxlint-disable-next-line typescript/no-explicit-any -- answers of several shapes
  return { status: response.status, body: (await response.json()) as any };
};
const withLimits = (limits: Partial<TestApi['dependencies']['settings']['limits']>) =>
  createApp({
    ...api.dependencies,
    settings: { ...api.dependencies.settings, limits: { ...api.dependencies.settings.limits, ...limits } },
  });
const usesOf = (runId: string) =>
  withSystem(api.db, (tx) =>
    tx
      .select({ path: blobUses.path, sha256: blobUses.sha256 })
      .from(blobUses)
      .where(and(eq(blobUses.orgId, org.orgId), eq(blobUses.runId, runId))),
  );
const stored = () =>
  withSystem(api.db, (tx) => tx.select({ sha256: blobs.sha256 }).from(blobs).where(eq(blobs.orgId, org.orgId)));
const opens = async (runId: string, hash = sha256): Promise<boolean> => {
  const reader = { orgId: org.orgId, runId, outermostRunId: runId, path: 'fetch', ordinal: 1 };
  const file = await openFile(api.db, api.ring, reader, hash);
  return file !== null && hashOf(await collectBlob(file)) === hash;
};
const triggerOf = async (runId: string) => {
  await api.dispatch();
  return api.temporal.started.find((run) => run.runId === runId)?.trigger.data;
};

describe('a form that reaches a webhook', () => {
  it('starts a run with its fields and files, which that run may open, and which its page lists', async () => {
    const { status, body } = await send(aForm());
    expect(status).toBe(202);
    const value = { ref: `blob:${sha256}`, name: 'May.pdf', mediaType: 'application/pdf', bytes: bill.length, sha256 };
    expect(await triggerOf(body.runId)).toMatchObject({ body: { note: 'May', bill: value } });
    expect(await opens(body.runId)).toBe(true);
    const listed = (await developer(`GET /v1/runs/${body.runId}/files`)).body.items;
    expect(listed).toMatchObject([{ name: 'May.pdf', mediaType: 'application/pdf', bytes: bill.length, path: 'hook' }]);
    const downloaded = await developer(`GET /v1/runs/${body.runId}/files/${sha256}`);
    expect(downloaded.headers.get('content-disposition')).toContain('attachment');
    // Stored once and sealed, however many have it.
    expect(await stored()).toEqual([{ sha256 }]);
    const parts = await withSystem(api.db, (tx) =>
      tx
        .select()
        .from(blobParts)
        .where(and(eq(blobParts.orgId, org.orgId), eq(blobParts.sha256, sha256))),
    );
    expect(parts.length).toBe(3);
    expect(parts.some(({ sealed }) => Buffer.from(sealed).includes(bill.subarray(0, 32)))).toBe(false);
  });

  it('is one run and stored once, however often it is delivered', async () => {
    const headers = { 'webhook-id': 'evt_1' };
    const answers = await Promise.all([1, 2, 3].map(() => send(aForm(), headers)));
    expect(new Set(answers.map(({ body }) => body.runId)).size).toBe(1);
    expect(await stored()).toEqual([{ sha256 }]);
    const owners = await withSystem(api.db, (tx) =>
      tx.selectDistinct({ runId: blobUses.runId }).from(blobUses).where(eq(blobUses.orgId, org.orgId)),
    );
    // The delivery and its run; what the repeated ones had stored is nobody's.
    expect(owners).toHaveLength(2);
  });

  it('keeps its files while it is held, for the run that a replay starts, and for one that starts it again', async () => {
    await developer(`POST /v1/flows/${flowId}/deactivate`);
    const { body } = await send(aForm());
    expect(body).toMatchObject({ held: true });
    expect(await usesOf(body.deliveryId)).toEqual([{ path: 'hook', sha256 }]);
    const replayed = (await developer(`POST /v1/deliveries/${body.deliveryId}/replay`)).body;
    expect(await opens(replayed.runId)).toBe(true);
    expect(await triggerOf(replayed.runId)).toMatchObject({ body: { bill: { sha256 } } });
    await developer(`POST /v1/flows/${flowId}/activate`);
    const again = (await developer(`POST /v1/runs/${replayed.runId}/rerun`, {})).body;
    expect(again.runId).not.toBe(replayed.runId);
    expect(await opens(again.runId)).toBe(true);
    expect(await usesOf(again.runId)).toEqual([{ path: 'hook', sha256 }]);
  });

  it('brings its files along when several start one run together', async () => {
    [flowId, hook] = await publishedHook({ batch: { size: 2, maximumWait: '1h' } });
    const other = randomBytes(2_000);
    await send(aForm());
    await send(aForm(other, 'June'));
    await api.dispatch();
    const [{ id }] = (await developer('GET /v1/runs')).body.items;
    expect(await triggerOf(id)).toMatchObject({ items: [{ body: { note: 'May' } }, { body: { note: 'June' } }] });
    expect([await opens(id), await opens(id, hashOf(other))]).toEqual([true, true]);
  });

  it('without a file is a form like another', async () => {
    const form = new FormData();
    form.set('key', 'a');
    const { status, body } = await send(form);
    expect(status).toBe(202);
    expect(await triggerOf(body.runId)).toMatchObject({ body: { key: 'a' } });
  });
});

describe('a file comes from a form alone', () => {
  it('what looks like one in JSON, in a field, or in another run opens nothing', async () => {
    const { body: real } = await send(aForm());
    const value = { ref: `blob:${sha256}`, name: 'May.pdf', mediaType: 'application/pdf', bytes: bill.length, sha256 };
    const json = await send(JSON.stringify({ bill: value }), { 'content-type': 'application/json' });
    const form = new FormData();
    form.set('bill', JSON.stringify(value));
    const field = await send(form);
    expect(await opens(json.body.runId)).toBe(false);
    expect(await opens(field.body.runId)).toBe(false);
    expect(await opens(real.runId)).toBe(true);
    const stranger = await api.createOrg('Other');
    const reader = { orgId: stranger.orgId, runId: real.runId, outermostRunId: real.runId, path: 'x', ordinal: 1 };
    expect(await openFile(api.db, api.ring, reader, sha256)).toBeNull();
  });

  it.each<[string, string, string, number]>([
    ['JSON under the name of a form', '{"a":1}', 'multipart/form-data; boundary=x', 400],
    ['a form without its boundary', '--x--', 'multipart/form-data', 400],
    ['a form under the name of JSON', '--x\r\n\r\n--x--', 'application/json', 400],
    ['parts of another kind', '--x--', 'multipart/mixed; boundary=x', 415],
    ['two content types in one', '--x--', 'application/json, multipart/form-data; boundary=x', 415],
  ])('%s is refused, and nothing is stored', async (_what, text, type, status) => {
    expect((await send(text, { 'content-type': type })).status).toBe(status);
    expect((await developer('GET /v1/deliveries')).body.items).toEqual([]);
    expect(await stored()).toEqual([]);
  });
});

describe('of a form that is refused nothing stays', () => {
  const isEmpty = async (): Promise<void> => {
    expect((await developer('GET /v1/deliveries')).body.items).toEqual([]);
    expect(await stored()).toEqual([]);
    const left = await withSystem(api.db, (tx) =>
      tx.execute(
        sql`select 1 from blob_parts where org_id = ${org.orgId} union all select 1 from blob_uses where org_id = ${org.orgId}`,
      ),
    );
    expect(left).toHaveLength(0);
  };

  it('when it is cut off behind its first file', async () => {
    const whole = new Uint8Array(await new Response(aForm()).arrayBuffer());
    const response = new Response(aForm());
    const type = response.headers.get('content-type') ?? '';
    const boundary = /boundary=(.*)$/.exec(type)?.[1] ?? '';
    const text = `--${boundary}\r\nContent-Disposition: form-data; name="a"; filename="a.txt"\r\n\r\nhello\r\n--${boundary}\r\n`;
    const cut = await send(text, { 'content-type': type });
    expect([cut.status, cut.body.code]).toEqual([400, 'delivery_unreadable']);
    expect(whole.length).toBeGreaterThan(bill.length);
    await isEmpty();
  });

  it('when its files are too large, or too many', async () => {
    const small = await send(aForm(), {}, { app: withLimits({ deliveryFileBytes: 1_000_000 }) });
    expect([small.status, small.body.code]).toEqual([413, 'body_too_large']);
    expect(small.body.detail).toContain('1000000');
    const many = new FormData();
    for (let n = 0; n < 21; n += 1) many.append('f', new Blob([`${n}`]), `${n}.txt`);
    expect((await send(many)).body).toMatchObject({ code: 'body_too_large', detail: 'A form has at most 20 files.' });
    await isEmpty();
  });

  it('when its signature does not fit, and it is taken when it does', async () => {
    const [id, path] = await publishedHook({ signature: 'standard' });
    const [trigger] = (await developer(`GET /v1/flows/${id}`)).body.triggers;
    const { signingSecret } = (await developer(`POST /v1/flows/${id}/triggers/${trigger.id}/signing-secret`)).body;
    const encoded = new Response(aForm());
    const type = encoded.headers.get('content-type') ?? '';
    const bytes = new Uint8Array(await encoded.arrayBuffer());
    const signedBy = (secret: string, body = bytes) => {
      const timestamp = Math.floor(Date.now() / 1_000);
      return {
        'content-type': type,
        'webhook-id': 'evt_1',
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signDelivery(secret, { id: 'evt_1', timestamp, body }),
      };
    };
    expect((await send(bytes, signedBy(createSigningSecret()), { path })).status).toBe(401);
    expect((await send(bytes, { 'content-type': type }, { path })).status).toBe(401);
    await isEmpty();
    const taken = await send(bytes, signedBy(signingSecret), { path });
    expect(taken.status).toBe(202);
    expect(await opens(taken.body.runId)).toBe(true);
  });

  it('when its flow has no place for its run', async () => {
    expect(
      (await developer(`PUT /v1/flows/${flowId}/limits`, { runs: { atOnce: 1, whenFull: 'refuse' } })).status,
    ).toBe(200);
    const small = new FormData();
    small.set('key', 'a');
    expect((await send(small)).status).toBe(202);
    const refused = await send(aForm());
    expect(refused.status).toBe(429);
    expect(await stored()).toEqual([]);
  });

  it('but what another run has of the same content stays', async () => {
    const { body } = await send(aForm());
    const form = aForm();
    for (let n = 0; n < 21; n += 1) form.append('f', new Blob([`${n}`]), `${n}.txt`);
    expect((await send(form)).status).toBe(413);
    expect(await opens(body.runId)).toBe(true);
    expect(await readBlob(api.db, api.ring, org.orgId, sha256)).not.toBeNull();
  });
});

describe('forms on their way', () => {
  /** A form whose end the test decides about. */
  const slowForm = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    async function* pieces() {
      yield new TextEncoder().encode('--x\r\nContent-Disposition: form-data; name="key"\r\n\r\na');
      await promise;
      yield new TextEncoder().encode('\r\n--x--\r\n');
    }
    return { body: ReadableStream.from(pieces()), end: resolve };
  };
  const post = (app: TestApi['app'], body: NonNullable<RequestInit['body']>) =>
    app.request(hook, {
      method: 'POST',
      body,
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      duplex: 'half',
    } as RequestInit);

  it('are so many of one webhook; whoever sends slowly holds up no other delivery', async () => {
    const app = withLimits({ formsAtOnce: 2, formsAtOncePerHook: 1, deliveriesAtOnce: 1 });
    const slow = slowForm();
    const first = post(app, slow.body);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const second = await post(app, '--x--\r\n');
    expect([second.status, ((await second.json()) as { code: string }).code]).toEqual([503, 'overloaded']);
    expect((await send(JSON.stringify({ key: 'a' }), { 'content-type': 'application/json' }, { app })).status).toBe(
      202,
    );
    slow.end();
    expect((await first).status).toBe(202);
    expect((await post(app, '--x--\r\n')).status).toBe(202);
  });

  it('must have come within their time', async () => {
    const answer = await post(withLimits({ formTimeout: 300 }), slowForm().body);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, 'upload_broken_off']);
  });
});
