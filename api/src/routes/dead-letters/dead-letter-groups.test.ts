import { tables, withOrg, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGraveyard, type Graveyard } from '../../testing/dead-letters.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let viewer: Call;
let operator: Call;
let grave: Graveyard;

beforeAll(async () => {
  api = await createTestApi({ limits: { callsPerMinute: 100_000 } });
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  viewer = await org.as('viewer');
  operator = await org.as('operator');
  grave = await createGraveyard(api, org);
  api.temporal.repairs.length = 0;
  api.temporal.repairResult = { ok: true, reply: { status: 'failed' } };
});

const group = () => `/v1/dead-letter-groups/${grave.fingerprint}`;
const audited = async () =>
  (
    await withSystem(api.db, (tx) =>
      tx
        .select()
        .from(tables.auditEvents)
        .where(eq(tables.auditEvents.orgId, org.orgId))
        .orderBy(tables.auditEvents.id),
    )
  ).map(({ action }) => action);

describe('groups of dead letters', () => {
  it('are one per flow, step and failure, with how many wait and since when', async () => {
    await grave.bury();
    await grave.bury({ path: 'each[0].send' });
    await grave.bury({ failure: { name: 'timed_out', message: 'No answer.' } });
    const { body } = await viewer('GET /v1/dead-letter-groups');
    expect(body.open).toBe(3);
    expect(body.items).toMatchObject([
      { failure: { name: 'timed_out' }, letters: 1 },
      {
        fingerprint: grave.fingerprint,
        flowId: grave.flowId,
        flowName: 'Orders',
        stepId: 'send',
        stepTitle: 'Tell the customer',
        nodeKind: 'control.return',
        failure: { name: 'http_error', message: 'The shop answered 500.' },
        letters: 2,
        runs: 2,
        firstSeenAt: '2026-01-01T00:01:00.000Z',
        lastSeenAt: '2026-01-01T00:02:00.000Z',
        repairJobId: null,
      },
    ]);
  });

  it('page by when they were last seen', async () => {
    for (const name of ['first', 'second', 'third']) await grave.bury({ failure: { name } });
    const { body } = await viewer('GET /v1/dead-letter-groups?limit=2');
    const names = (items: { failure: { name: string } }[]) => items.map(({ failure }) => failure.name);
    expect(names(body.items)).toEqual(['third', 'second']);
    const next = await viewer(`GET /v1/dead-letter-groups?limit=2&cursor=${body.nextCursor}`);
    expect(names(next.body.items)).toEqual(['first']);
    expect(next.body.nextCursor).toBeNull();
  });

  it('are filtered by flow, failure and state', async () => {
    await grave.bury();
    const count = async (query: string) => (await viewer(`GET /v1/dead-letter-groups?${query}`)).body.items.length;
    expect(await count(`flowId=${grave.flowId}&failure=http_error`)).toBe(1);
    expect(await count('failure=timed_out')).toBe(0);
    expect(await count(`flowId=flow_${'0'.repeat(32)}`)).toBe(0);
    expect(await count('state=dismissed')).toBe(0);
    expect((await viewer('GET /v1/dead-letter-groups?state=lost')).status).toBe(400);
    const odd = Buffer.from('99999999999999_x').toString('base64url');
    expect((await viewer(`GET /v1/dead-letter-groups?cursor=${odd}`)).status).toBe(200);
  });

  it('show their letters in pages, with the inputs', async () => {
    const first = await grave.bury();
    await grave.bury();
    const { body } = await viewer(`GET ${group()}?limit=1`);
    expect(body).toMatchObject({ counts: { open: 2, dismissed: 0, resolved: 0 }, stepTitle: 'Tell the customer' });
    expect(body.letters.items).toHaveLength(1);
    const next = await viewer(`GET ${group()}?limit=1&cursor=${body.letters.nextCursor}`);
    expect(next.body.letters.items).toMatchObject([{ id: first.id, input: { to: 'ada@example.com' } }]);
  });
});

describe('one dead letter', () => {
  it('says what is known of its effect', async () => {
    const { id, runId } = await grave.bury();
    const effect = async () => (await viewer(`GET /v1/dead-letters/${id}`)).body.effect;
    expect(await effect()).toBe('none');
    const add = (state: 'intent' | 'sent' | 'confirmed' | 'failed', minute: number) =>
      withOrg(api.db, org.orgId, (tx) =>
        tx.insert(tables.effects).values({
          orgId: org.orgId,
          effectKey: `${id}${state}`,
          runId,
          path: 'send',
          activity: 'email.send@1',
          requestHash: 'hash',
          state,
          ordinal: 1,
          updatedAt: new Date(Date.UTC(2026, 0, 1, 0, minute)),
        }),
      );
    await add('intent', 1);
    expect(await effect()).toBe('none');
    await add('sent', 2);
    expect(await effect()).toBe('unsure');
    await add('failed', 3);
    expect(await effect()).toBe('failed');
    await add('confirmed', 4);
    expect(await effect()).toBe('confirmed');
    expect((await viewer(`GET /v1/dead-letters/${id}`)).body).toMatchObject({
      stepTitle: 'Tell the customer',
      input: { text: 'Hello' },
      repairJobId: null,
    });
  });
});

describe('a dismissal', () => {
  it('takes a letter out of the inbox, keeps its reason, and can be taken back', async () => {
    const { id } = await grave.bury();
    const { status, body } = await operator(`POST /v1/dead-letters/${id}/dismiss`, { reason: 'Placed by phone.' });
    expect(status).toBe(200);
    expect(body.dismissal).toMatchObject({ by: 'operator key', reason: 'Placed by phone.' });
    expect((await viewer('GET /v1/dead-letter-groups')).body).toMatchObject({ open: 0, items: [] });
    expect((await viewer('GET /v1/dead-letters?state=dismissed')).body.items).toHaveLength(1);
    expect(api.temporal.repairs).toEqual([]);
    await operator(`POST /v1/dead-letters/${id}/restore`);
    await operator(`POST /v1/dead-letters/${id}/restore`);
    expect((await viewer('GET /v1/dead-letters')).body).toMatchObject({ open: 1, items: [{ dismissal: null }] });
    expect((await audited()).slice(-2)).toEqual(['dead_letter.dismissed', 'dead_letter.restored']);
  });

  it('ends the run first when it is asked to, and stays undone when the run refuses', async () => {
    const { id, runId } = await grave.bury();
    api.temporal.repairResult = { ok: false, reason: 'run_is_ending', message: 'It is ending.' };
    const dismiss = () => operator(`POST /v1/dead-letters/${id}/dismiss`, { reason: 'Old', run: 'fail' });
    expect(await dismiss()).toMatchObject({ status: 409, body: { code: 'repair_refused' } });
    expect((await viewer('GET /v1/dead-letters')).body.open).toBe(1);
    api.temporal.repairResult = { ok: true, reply: { status: 'failed' } };
    expect((await dismiss()).status).toBe(200);
    expect(api.temporal.repairs.at(-1)).toMatchObject({
      run: { runId },
      action: 'failRun',
      request: { letter: { path: 'send', ordinal: 1 } },
    });
  });

  it('of one that is decided is refused', async () => {
    const { id } = await grave.bury();
    await withSystem(api.db, (tx) =>
      tx
        .update(tables.deadLetters)
        .set({ resolvedAt: new Date(), resolution: 'skipped' })
        .where(eq(tables.deadLetters.id, id)),
    );
    for (const verb of ['dismiss', 'restore']) {
      const { status, body } = await operator(`POST /v1/dead-letters/${id}/${verb}`, { reason: 'Late' });
      expect([verb, status, body.code]).toEqual([verb, 409, 'dead_letter_closed']);
    }
  });

  it('of a group takes all that wait, and ends their runs by a job when it is asked to', async () => {
    await grave.bury();
    await grave.bury();
    expect((await operator(`POST ${group()}/dismiss`, { reason: 'Tests' })).body).toEqual({
      dismissed: 2,
      repairJobId: null,
    });
    expect((await operator(`POST ${group()}/restore`)).body).toEqual({ restored: 2 });
    const { body } = await operator(`POST ${group()}/dismiss`, { reason: 'Tests', run: 'fail' });
    expect(body.dismissed).toBe(2);
    await api.dependencies.repairer.round();
    expect(api.temporal.repairs.map(({ action }) => action)).toEqual(['failRun', 'failRun']);
    expect((await viewer(`GET /v1/repair-jobs/${body.repairJobId}`)).body).toMatchObject({
      action: 'fail',
      status: 'done',
      counts: { repaired: 2 },
    });
    expect((await viewer(`GET ${group()}`)).body.counts).toEqual({ open: 0, dismissed: 2, resolved: 0 });
  });

  it('is refused without a reason, and to who may only look', async () => {
    const { id } = await grave.bury();
    expect((await operator(`POST /v1/dead-letters/${id}/dismiss`, { reason: '  ' })).status).toBe(400);
    for (const path of [`/v1/dead-letters/${id}`, group()]) {
      expect((await viewer(`POST ${path}/dismiss`, { reason: 'x' })).body.code).toBe('not_allowed');
      expect((await viewer(`POST ${path}/restore`)).body.code).toBe('not_allowed');
    }
  });
});
