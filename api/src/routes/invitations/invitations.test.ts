import { createHash } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { and, desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Call,
  callWith,
  createTestApi,
  signInWith,
  type TestApi,
  type TestOrg,
  webUrl,
} from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let admin: Call;
let browser: Call;
let count = 0;
beforeAll(async () => {
  api = await createTestApi({ limits: { anonymousPerMinute: 10_000 } });
  browser = callWith(api.app, { origin: webUrl });
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  admin = await org.as('admin');
});

const { invitations, mails, members } = tables;
const someone = () => `new-${(count += 1)}@example.org`;
const password = 'seventeen quiet harbours';

const codeOf = async (answer: ReturnType<Call>): Promise<readonly [number, string | undefined]> => {
  const { status, body } = await answer;
  return [status, body?.code];
};

/** The newest mail to this address, as the mail server would get it. */
const mailTo = async (email: string) => {
  const [row] = await withSystem(api.db, (tx) =>
    tx.select().from(mails).where(eq(mails.recipient, email)).orderBy(desc(mails.createdAt), desc(mails.id)).limit(1),
  );
  if (!row?.contentSealed) throw new Error(`Nothing waits for ${email}.`);
  const content = api.dependencies.seal.open(row.contentSealed, additionalData.mailContent(row.id));
  return JSON.parse(content) as { readonly subject: string; readonly text: string; readonly html: string };
};
const tokenFor = async (email: string): Promise<string> => {
  const [, token] = /\/invitation\?token=([\w-]{43})/.exec((await mailTo(email)).text) ?? [];
  if (!token) throw new Error('The mail has no link.');
  return token;
};
const invite = async (email: string, role = 'developer') => {
  const answer = await admin('POST /v1/invitations', { email, role });
  expect(answer.status).toBe(201);
  return { id: answer.body.id as string, token: await tokenFor(email.toLowerCase()) };
};
const change = (id: string, values: Partial<typeof invitations.$inferInsert>) =>
  withSystem(api.db, (tx) => tx.update(invitations).set(values).where(eq(invitations.id, id)));
const aMinutePasses = (id: string) => change(id, { sentAt: new Date(Date.now() - 61_000) });
const join = (token: string, name = 'New One') => browser('POST /v1/invitations/join', { token, name, password });

describe('an invitation', () => {
  it('is mailed, and makes a member with its role of somebody new, who is signed in at once', async () => {
    const email = someone();
    const { token } = await invite(email.toUpperCase(), 'operator');
    const { subject, html } = await mailTo(email);
    expect(subject).toContain('Acme');
    expect(html).toContain(`${webUrl}/invitation?token=${token}`);
    expect((await browser('POST /v1/invitations/open', { token })).body).toMatchObject({
      orgName: 'Acme',
      email,
      role: 'operator',
      hasAccount: false,
    });
    const joined = await join(token);
    expect([joined.status, joined.body]).toEqual([201, { orgId: org.orgId }]);
    const cookie = joined.headers.getSetCookie().map((each) => each.split(';')[0]);
    const call = callWith(api.app, { cookie: cookie.join('; '), origin: webUrl });
    expect((await call('GET /v1/me')).body).toMatchObject({
      user: { email },
      org: { id: org.orgId },
      role: 'operator',
    });
    expect((await admin('GET /v1/invitations')).body.items).toEqual([]);
    const again = await signInWith(api.app, { email, password });
    expect((await again('GET /v1/me')).status).toBe(200);
  });

  it('is accepted by whoever has signed in with its address, and their session works there', async () => {
    const person = await (await api.createOrg('Other')).signIn('owner');
    const { token } = await invite(person.email, 'viewer');
    expect((await browser('POST /v1/invitations/open', { token })).body.hasAccount).toBe(true);
    expect(await codeOf(join(token))).toEqual([409, 'account_exists']);
    expect((await person.call('POST /v1/invitations/accept', { token })).body).toEqual({ orgId: org.orgId });
    expect((await person.call('GET /v1/me')).body).toMatchObject({ org: { id: org.orgId }, role: 'viewer' });
    expect((await person.call('GET /v1/me/orgs')).body.items).toHaveLength(2);
  });

  it('is nothing for somebody with another address', async () => {
    const { token } = await invite(someone());
    const other = await (await api.createOrg('Other')).signIn('owner');
    expect(await codeOf(other.call('POST /v1/invitations/accept', { token }))).toEqual([403, 'invitation_not_yours']);
    expect(await codeOf(browser('POST /v1/invitations/accept', { token }))).toEqual([401, 'not_signed_in']);
    expect((await join(token)).status).toBe(201);
  });

  it.each([
    ['expired', { expiresAt: new Date(0) }, 'invitation_expired'],
    ['revoked', { status: 'revoked' }, 'invitation_revoked'],
    ['used', { status: 'accepted' }, 'invitation_used'],
  ] as const)('that is %s opens nothing, and says so', async (_what, values, code) => {
    const { id, token } = await invite(someone());
    await change(id, values);
    const known = await (await api.createOrg('Other')).signIn('owner');
    expect(await codeOf(browser('POST /v1/invitations/open', { token }))).toEqual([409, code]);
    expect(await codeOf(join(token))).toEqual([409, code]);
    expect(await codeOf(known.call('POST /v1/invitations/accept', { token }))).toEqual([409, code]);
  });

  it('makes one member when its link is used many times at once', async () => {
    const email = someone();
    const { token } = await invite(email);
    const answers = await Promise.all([1, 2, 3, 4, 5].map((each) => join(token, `New ${each}`)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 201).map(({ body }) => body.code);
    expect(refused.every((code) => ['invitation_used', 'account_exists'].includes(code))).toBe(true);
    const here = await withSystem(api.db, (tx) => tx.$count(members, and(eq(members.organizationId, org.orgId))));
    expect(here).toBe(1);
  });

  it('stores its token as a hash alone', async () => {
    const { id, token } = await invite(someone());
    const [row] = await withSystem(api.db, (tx) => tx.select().from(invitations).where(eq(invitations.id, id)));
    expect(row?.tokenHash).toBe(createHash('sha256').update(token).digest('hex'));
    const sealed = await withSystem(api.db, (tx) => tx.select().from(mails));
    expect(JSON.stringify([row, sealed])).not.toContain(token);
    expect(api.logLines.join('\n')).not.toContain(token);
  });

  it('can be sent again with another link, after which the first is worth nothing', async () => {
    const email = someone();
    const { id, token } = await invite(email);
    await change(id, { expiresAt: new Date(0), sentAt: new Date(0) });
    expect((await admin('GET /v1/invitations')).body.items[0]).toMatchObject({ id, isExpired: true });
    const resent = await admin(`POST /v1/invitations/${id}/resend`);
    expect([resent.status, resent.body.isExpired]).toEqual([200, false]);
    expect(await codeOf(join(token))).toEqual([404, 'invitation_not_found']);
    expect((await join(await tokenFor(email))).status).toBe(201);
  });

  it('can be revoked, and then somebody invited anew', async () => {
    const email = someone();
    const { id, token } = await invite(email);
    expect((await admin(`DELETE /v1/invitations/${id}`)).status).toBe(204);
    expect(await codeOf(join(token))).toEqual([409, 'invitation_revoked']);
    expect(await codeOf(admin(`DELETE /v1/invitations/${id}`))).toEqual([404, 'invitation_not_found']);
    expect(await codeOf(admin(`POST /v1/invitations/${id}/resend`))).toEqual([404, 'invitation_not_found']);
    await aMinutePasses(id);
    expect((await join((await invite(email)).token)).status).toBe(201);
  });

  it('is not a way to fill a mailbox: neither again, nor revoked and again, nor from another org', async () => {
    const email = someone();
    const { id } = await invite(email);
    const answer = await admin(`POST /v1/invitations/${id}/resend`);
    expect([answer.status, answer.body.code]).toEqual([429, 'too_many_requests']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await admin(`DELETE /v1/invitations/${id}`);
    expect((await admin('POST /v1/invitations', { email, role: 'viewer' })).status).toBe(429);
    const elsewhere = await (await api.createOrg('Other')).as('admin');
    expect((await elsewhere('POST /v1/invitations', { email, role: 'viewer' })).status).toBe(429);
    const sent = await withSystem(api.db, (tx) => tx.$count(mails, eq(mails.recipient, email)));
    expect(sent).toBe(1);
  });

  it('hands out no more than its sender holds, and no ownership', async () => {
    const email = someone();
    for (const role of ['developer', 'operator', 'viewer'] as const) {
      const call = await org.as(role);
      expect(await codeOf(call('POST /v1/invitations', { email, role: 'viewer' }))).toEqual([403, 'not_allowed']);
    }
    expect(await codeOf(admin('POST /v1/invitations', { email, role: 'owner' }))).toEqual([400, 'invalid_request']);
    expect((await admin('POST /v1/invitations', { email, role: 'admin' })).status).toBe(201);
  });

  it('is refused for a member, and for somebody who was invited already', async () => {
    const { email } = await org.addPerson('viewer');
    const member = admin('POST /v1/invitations', { email: email.toUpperCase(), role: 'viewer' });
    expect(await codeOf(member)).toEqual([409, 'already_member']);
    const invited = someone();
    await invite(invited);
    const again = admin('POST /v1/invitations', { email: invited, role: 'viewer' });
    expect(await codeOf(again)).toEqual([409, 'invitation_pending']);
  });
});
