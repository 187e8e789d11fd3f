import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addApproval } from '../../testing/add-approval.ts';
import { type Call, callWith, createTestApi, type TestApi, type TestOrg, webUrl } from '../../testing/test-api.ts';

const { approvalLinks, approvals, auditEvents } = tables;

let api: TestApi;
let org: TestOrg;
let operator: Call;
let flowId: string;

beforeAll(async () => {
  api = await createTestApi();
});
beforeEach(async () => {
  org = await api.createOrg();
  operator = await org.as('operator');
  flowId = (await (await org.as('admin'))('POST /v1/flows', { name: 'Refunds' })).body.id;
  api.temporal.answers.length = 0;
  api.temporal.down = false;
  api.temporal.answerResult = { ok: true, reply: { status: 'approved' } };
});
afterAll(() => api.close());

type Row = typeof approvals.$inferInsert;

/** What the projection writes when a step asks. */
const asks = (changes: Partial<Row> = {}): Promise<Row> => {
  const fields = [{ name: 'reason', title: 'Reason', type: 'text', required: true }];
  const request = { subject: 'Refund 120?', message: null, fields };
  const about = { path: 'each[0].ask', ordinal: 2, seq: 3, roles: ['operator', 'owner'] } satisfies Partial<Row>;
  return addApproval(api, org, { flowId, request, ...about, ...changes });
};

/** A person who is signed in. */
const signedIn = async (role: 'operator' | 'viewer'): Promise<{ call: Call; email: string; userId: string }> => {
  const { email, password, userId } = await org.addPerson(role);
  const anybody = callWith(api.app, { origin: webUrl });
  const { headers } = await anybody('POST /auth/sign-in/email', { email, password });
  const cookie = headers.getSetCookie().map((each) => each.split(';')[0]);
  return { call: callWith(api.app, { origin: webUrl, cookie: cookie.join('; ') }), email, userId };
};
const idsIn = ({ body }: { body: { items: { id: string }[] } }) => body.items.map(({ id }) => id);
const answer = (call: Call, { id }: Row, changes: object = {}) =>
  call(`POST /v1/approvals/${id}/answer`, { decision: 'approved', values: { reason: 'broken' }, ...changes });

describe('approvals', () => {
  it('are listed for who may answer, with their form and their page', async () => {
    const mine = await asks();
    const answered = await asks({ answeredBy: ['nobody'] });
    await asks({ roles: ['owner'] });
    const over = await asks({ status: 'approved', closedAt: new Date() });
    const listed = await operator('GET /v1/approvals');
    expect(idsIn(listed)).toEqual([answered.id, mine.id]);
    expect(listed.body.open).toBe(2);
    expect(listed.body.items[1]).toMatchObject({
      flowName: 'Refunds',
      subject: 'Refund 120?',
      form: { properties: { reason: { title: 'Reason', type: 'string' } }, required: ['reason'] },
      mayAnswer: true,
      url: `${webUrl}/runs/${mine.runId}/approvals/${encodeURIComponent('each[0].ask')}`,
    });
    expect(idsIn(await operator('GET /v1/approvals?state=open'))).toHaveLength(3);
    expect(idsIn(await operator('GET /v1/approvals?state=all'))).toHaveLength(4);
    const ofRun = `/v1/approvals?state=all&runId=${over.runId}&path=${encodeURIComponent('each[0].ask')}`;
    expect(idsIn(await operator(`GET ${ofRun}`))).toEqual([over.id]);
    expect((await operator(`GET /v1/approvals/${over.id}`)).body).toMatchObject({ id: over.id, mayAnswer: false });
  });

  it('come page by page', async () => {
    const moment = new Date();
    const rows = [];
    for (let index = 0; index < 5; index += 1) rows.push(await asks({ openedAt: moment }));
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await operator(`GET /v1/approvals?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...idsIn(page));
      cursor = page.body.nextCursor ?? '';
    } while (cursor);
    expect(seen.toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
  });

  it('are for people by their e-mail address, whatever their role', async () => {
    const person = await signedIn('viewer');
    const named = await asks({ roles: [], people: [person.email] });
    await asks();
    expect(idsIn(await person.call('GET /v1/approvals'))).toEqual([named.id]);
    expect((await answer(person.call, named)).status).toBe(200);
    expect(api.temporal.answers.at(-1)?.request.by).toMatchObject({ userId: person.userId, email: person.email });
  });
});

describe('an answer', () => {
  it('goes to the run with who gave it, and stands in the audit log', async () => {
    const row = await asks();
    const { status, body } = await answer(operator, row, { comment: '  ', requestId: 'once' });
    expect([status, body]).toEqual([200, { approvalId: row.id, status: 'approved' }]);
    expect(api.temporal.answers).toEqual([
      {
        run: { orgId: org.orgId, runId: row.runId },
        request: {
          requestId: 'once',
          by: { userId: expect.any(String), name: 'operator key', role: 'operator', email: null },
          answer: {
            path: 'each[0].ask',
            ordinal: 2,
            decision: 'approved',
            values: { reason: 'broken' },
            comment: null,
          },
        },
      },
    ]);
    const log = await withSystem(api.db, (tx) => tx.select().from(auditEvents).where(eq(auditEvents.targetId, row.id)));
    expect(log.map(({ action, actorName }) => [action, actorName])).toEqual([
      ['approval.answer_requested', 'operator key'],
      ['approval.answered', 'operator key'],
    ]);
    expect(JSON.stringify(log)).not.toContain('broken');
  });

  it('of somebody who is not asked never reaches the run', async () => {
    const row = await asks({ roles: ['owner'], people: ['other@example.org'] });
    for (const call of [operator, (await signedIn('viewer')).call]) {
      const { status, body } = await answer(call, row);
      expect([status, body.code]).toEqual([403, 'not_an_approver']);
    }
    expect(api.temporal.answers).toEqual([]);
  });

  it.each([
    ['approval_answered', 409, 'approval_closed'],
    ['approval_timed_out', 409, 'approval_closed'],
    ['answered_before', 409, 'approval_closed'],
    ['run_not_open', 409, 'approval_closed'],
    ['not_an_approver', 403, 'not_an_approver'],
    ['no_worker', 503, 'temporal_unavailable'],
    ['run_stuck', 409, 'run_stuck'],
  ])('that the run refuses as %s is a %i', async (reason, status, code) => {
    api.temporal.answerResult = { ok: false, reason, message: 'No.' };
    const found = await answer(operator, await asks());
    expect([found.status, found.body.code]).toEqual([status, code]);
    if (code === 'approval_closed') expect(found.body.errors).toEqual([{ path: '', message: 'No.', code: reason }]);
  });

  it('names each field that is not filled in as it must be', async () => {
    const details = [{ path: 'reason', code: 'missing_field', message: 'Reason is needed.' }];
    api.temporal.answerResult = { ok: false, reason: 'values_invalid', message: 'Reason is needed.', details };
    const { status, body } = await answer(operator, await asks(), { values: {} });
    expect([status, body.code]).toEqual([422, 'answer_invalid']);
    expect(body.errors).toEqual([{ path: 'values.reason', code: 'missing_field', message: 'Reason is needed.' }]);
  });

  it('is refused while Temporal is away, and can be given again', async () => {
    api.temporal.down = true;
    const row = await asks();
    expect((await answer(operator, row)).body.code).toBe('temporal_unavailable');
    api.temporal.down = false;
    expect((await answer(operator, row)).status).toBe(200);
  });

  it('has a shape', async () => {
    const row = await asks();
    for (const changes of [{ decision: 'perhaps' }, { values: [] }, { comment: 7 }, { other: 1 }]) {
      expect((await answer(operator, row, changes)).body.code).toBe('invalid_request');
    }
    expect((await answer(operator, { ...row, id: `apr_${'0'.repeat(32)}` })).body.code).toBe('approval_not_found');
  });
});

describe('a link', () => {
  const linkFor = (row: Row, recipient: string) => operator(`POST /v1/approvals/${row.id}/links`, { recipient });
  const tokenIn = ({ body }: { body: { url: string } }) => body.url.split('/').at(-1) ?? '';

  it('leads its recipient, signed in, to the approval, and is used up by the answer', async () => {
    const person = await signedIn('operator');
    const row = await asks();
    const made = await linkFor(row, person.email.toUpperCase());
    expect([made.status, made.body.recipient]).toEqual([201, person.email]);
    const token = tokenIn(made);
    const [stored] = await withSystem(api.db, (tx) => tx.select().from(approvalLinks));
    expect(JSON.stringify(stored)).not.toContain(token);

    expect((await callWith(api.app)(`GET /v1/approval-links/${token}`)).body.code).toBe('not_signed_in');
    expect((await (await signedIn('operator')).call(`GET /v1/approval-links/${token}`)).body.code).toBe(
      'approval_link_not_yours',
    );
    expect((await operator(`GET /v1/approval-links/${token}`)).body.code).toBe('approval_link_not_yours');
    expect((await person.call(`GET /v1/approval-links/${token}`)).body).toMatchObject({ id: row.id, mayAnswer: true });

    expect((await answer(person.call, row, { link: token })).status).toBe(200);
    expect((await person.call(`GET /v1/approval-links/${token}`)).body.code).toBe('approval_link_used');
    expect((await answer(person.call, row, { link: token })).body.code).toBe('approval_link_used');
    expect(api.temporal.answers).toHaveLength(1);
  });

  it('of another person is used up too once the approval is decided, and not while more answers are needed', async () => {
    const [one, two] = [await signedIn('operator'), await signedIn('operator')];
    const row = await asks({ approvalsNeeded: 2 });
    const tokens = [tokenIn(await linkFor(row, one.email)), tokenIn(await linkFor(row, two.email))];
    api.temporal.answerResult = { ok: true, reply: { status: 'open' } };
    await answer(one.call, row);
    expect((await one.call(`GET /v1/approval-links/${tokens[0]}`)).body.code).toBe('approval_link_used');
    expect((await two.call(`GET /v1/approval-links/${tokens[1]}`)).status).toBe(200);
    api.temporal.answerResult = { ok: true, reply: { status: 'approved' } };
    await answer(operator, row);
    expect((await two.call(`GET /v1/approval-links/${tokens[1]}`)).body.code).toBe('approval_link_used');
  });

  it('stays good when the run refuses the answer', async () => {
    const person = await signedIn('operator');
    const row = await asks();
    const token = tokenIn(await linkFor(row, person.email));
    api.temporal.answerResult = { ok: false, reason: 'values_invalid', message: 'Reason is needed.' };
    await answer(person.call, row, { link: token });
    expect((await person.call(`GET /v1/approval-links/${token}`)).status).toBe(200);
  });

  it('opens only the approval it was made for', async () => {
    const person = await signedIn('operator');
    const token = tokenIn(await linkFor(await asks(), person.email));
    expect((await answer(person.call, await asks(), { link: token })).body.code).toBe('approval_link_not_found');
    expect((await person.call('GET /v1/approval-links/nothing')).body.code).toBe('approval_link_not_found');
  });

  it('stands in the list of its approval without its token, and leads nowhere once it is revoked', async () => {
    const [one, two] = [await signedIn('operator'), await signedIn('operator')];
    const row = await asks();
    const token = tokenIn(await linkFor(row, one.email));
    await linkFor(row, two.email);
    const listed = await operator(`GET /v1/approvals/${row.id}/links`);
    expect(listed.body.items).toMatchObject([
      { recipient: two.email, usedAt: null },
      { recipient: one.email, usedAt: null },
    ]);
    expect(JSON.stringify(listed.body)).not.toContain(token);
    const [second, first] = listed.body.items;
    const revoke = ({ id }: { id: string }) => operator(`DELETE /v1/approvals/${row.id}/links/${id}`);
    expect((await revoke(first)).status).toBe(204);
    expect((await one.call(`GET /v1/approval-links/${token}`)).body.code).toBe('approval_link_not_found');
    expect((await revoke(first)).body.code).toBe('approval_link_not_found');

    await answer(two.call, row);
    expect((await operator(`GET /v1/approvals/${row.id}/links`)).body.items).toMatchObject([
      { recipient: two.email, usedAt: expect.any(String) },
    ]);
    expect((await revoke(second)).body.code).toBe('approval_link_used');
    const viewer = await signedIn('viewer');
    expect((await viewer.call(`GET /v1/approvals/${row.id}/links`)).status).toBe(403);
    const entries = await withSystem(api.db, (tx) =>
      tx.select().from(auditEvents).where(eq(auditEvents.action, 'approval.link_revoked')),
    );
    expect(entries).toMatchObject([{ targetId: row.id, details: { recipient: one.email } }]);
  });

  it('is made only for members who may answer, while there is something to answer', async () => {
    const viewer = await signedIn('viewer');
    const row = await asks({ people: ['stranger@example.org'] });
    for (const recipient of [viewer.email, 'stranger@example.org']) {
      expect((await linkFor(row, recipient)).body.code).toBe('recipient_may_not_answer');
    }
    const over = await asks({ status: 'timed_out', closedAt: new Date() });
    expect((await linkFor(over, viewer.email)).body.code).toBe('approval_closed');
    expect((await viewer.call(`POST /v1/approvals/${row.id}/links`, { recipient: viewer.email })).status).toBe(403);
  });
});
