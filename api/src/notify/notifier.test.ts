import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { createMailer } from '@everwave/activities/mail';
import { type CaughtMessage, type MailFake, startMailFake } from '@everwave/activities/fakes';
import { tables, withSystem } from '@everwave/schema/db';
import { toId } from '@everwave/schema/ids';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOutbox, type Outbox } from '../mail/outbox.ts';
import { addApproval } from '../testing/add-approval.ts';
import { callWith, createTestApi, type TestApi, type TestOrg, webUrl } from '../testing/test-api.ts';
import { createNotifier } from './notifier.ts';

const { alertChannels, approvals, deadLetterGroups, flows, notifiedThings, users } = tables;

let api: TestApi;
let fake: MailFake;
let outbox: Outbox;
let org: TestOrg;
let flowId: string;

beforeAll(async () => {
  api = await createTestApi();
  fake = await startMailFake();
  const { db, seal, log } = api.dependencies;
  const settings = { host: '127.0.0.1', port: fake.smtpPort, security: 'none', from: 'everwave@example.com' } as const;
  outbox = createOutbox({ db, seal, mailer: createMailer({ settings, secret: {} }), log });
});
afterAll(() => Promise.all([api.close(), fake.close()]));
beforeEach(async () => {
  org = await api.createOrg();
  flowId = (await (await org.as('admin'))('POST /v1/flows', { name: 'Refunds' })).body.id;
  fake.messages.length = 0;
});

type Approval = typeof approvals.$inferInsert;

/** What the projection writes when a step asks. */
const asks = (changes: Partial<Approval> = {}): Promise<Approval> => {
  const request = { subject: 'Refund 120?', message: 'Only for those who may answer.', fields: [] };
  return addApproval(api, org, { flowId, request, ...changes });
};

const opens = async (openSince = new Date()): Promise<string> => {
  const fingerprint = randomBytes(16).toString('hex');
  const group = { orgId: org.orgId, fingerprint, flowId, stepId: 'charge', failureName: 'card_declined', openSince };
  await withSystem(api.db, (tx) => tx.insert(deadLetterGroups).values(group));
  return fingerprint;
};

/** What the mail server has got, after everything that was due was told and sent. */
const mailed = async (): Promise<readonly CaughtMessage[]> => {
  const notifier = createNotifier({ ...api.dependencies, outbox });
  while ((await notifier.round()) > 0);
  while ((await outbox.round()) > 0);
  return fake.messages;
};
const addresses = (messages: readonly CaughtMessage[]) => messages.flatMap(({ envelope }) => envelope.to).toSorted();
const wantsFailures = async (role: 'operator' | 'viewer' | 'owner') => {
  const person = await org.signIn(role);
  await person.call('PATCH /v1/me/notifications', { failures: true });
  return person;
};

describe('an approval that begins to wait', () => {
  it('is mailed to those who may decide, by role or by name, with a link to its page', async () => {
    const operator = await org.addPerson('operator');
    const named = await org.addPerson('viewer');
    await org.addPerson('viewer');
    const row = await asks({ people: [named.email], dueAt: new Date('2031-05-01T10:00:00Z') });
    const messages = await mailed();
    expect(addresses(messages)).toEqual([operator.email, named.email].toSorted());
    const [message] = messages;
    expect(message?.subject).toBe('Waiting for you: Refund 120?');
    expect(message?.text).toContain(`${webUrl}/runs/${row.runId}/approvals/ask`);
    expect(message?.text).toContain('2031-05-01 10:00 UTC');
    expect(message?.text).not.toContain('Only for those');
  });

  it('is mailed once, however many processes look and although the projection is built anew', async () => {
    const { email } = await org.addPerson('operator');
    const row = await asks();
    const notifiers = [1, 2, 3].map(() => createNotifier({ ...api.dependencies, outbox }));
    await Promise.all(notifiers.map((notifier) => notifier.round()));
    expect(addresses(await mailed())).toEqual([email]);
    await withSystem(api.db, (tx) => tx.delete(approvals).where(eq(approvals.id, row.id)));
    await withSystem(api.db, (tx) => tx.insert(approvals).values(row));
    expect(addresses(await mailed())).toEqual([email]);
  });

  it('tells nobody who has answered, is suspended, has not shown an address, or wants no such mails', async () => {
    const [answered, suspended, unverified] = [
      await org.addPerson('operator'),
      await org.addPerson('operator'),
      await org.addPerson('operator'),
    ];
    const unwilling = await org.signIn('operator');
    await unwilling.call('PATCH /v1/me/notifications', { approvals: false });
    const change = (userId: string, set: Partial<typeof users.$inferInsert>) =>
      withSystem(api.db, (tx) => tx.update(users).set(set).where(eq(users.id, userId)));
    await change(suspended.userId, { suspendedAt: new Date() });
    await change(unverified.userId, { emailVerified: false });
    await asks({ answeredBy: [answered.userId] });
    expect(await mailed()).toEqual([]);
  });

  it('tells nobody from whom its flow is kept, and nobody once it is over', async () => {
    await org.addPerson('operator');
    await asks({ status: 'approved', closedAt: new Date() });
    await withSystem(api.db, (tx) => tx.update(flows).set({ isRestricted: true }).where(eq(flows.id, flowId)));
    await asks();
    expect(await mailed()).toEqual([]);
  });

  it('waits for a mail server, and is told of then', async () => {
    const { email } = await org.addPerson('operator');
    const row = await asks();
    const { db, seal, log } = api.dependencies;
    const without = createOutbox({ db, seal, mailer: null, log });
    expect(await createNotifier({ ...api.dependencies, outbox: without }).round()).toBe(0);
    const told = await withSystem(db, (tx) =>
      tx.select().from(notifiedThings).where(eq(notifiedThings.thingId, row.id)),
    );
    expect(told).toEqual([]);
    expect(addresses(await mailed())).toEqual([email]);
  });
});

describe('a group of failures that opens', () => {
  it('is mailed to those who asked for it and may repair it, once for each time it opens', async () => {
    const wanting = await wantsFailures('operator');
    await wantsFailures('viewer');
    await org.addPerson('operator');
    const fingerprint = await opens(new Date(1_000));
    const [message, ...more] = await mailed();
    expect([message?.envelope.to, more]).toEqual([[wanting.email], []]);
    expect(message?.text).toContain(`${webUrl}/attention/${fingerprint}`);
    expect(message?.text).toContain('card_declined');
    await mailed();
    expect(fake.messages).toHaveLength(1);
    await withSystem(api.db, (tx) =>
      tx
        .update(deadLetterGroups)
        .set({ openSince: new Date(2_001) })
        .where(eq(deadLetterGroups.fingerprint, fingerprint)),
    );
    expect(await mailed()).toHaveLength(2);
  });

  it('is not mailed to whom an alert of the org reaches by mail', async () => {
    const wanting = await wantsFailures('operator');
    const alerted = await wantsFailures('owner');
    const settings = { to: [alerted.email.toUpperCase()], connectionId: 'conn_x' };
    const channel = {
      id: toId('chan', randomUUIDv7()),
      orgId: org.orgId,
      name: 'Night',
      kind: 'email',
      settings,
    } as const;
    await withSystem(api.db, (tx) => tx.insert(alertChannels).values(channel));
    await opens();
    expect(addresses(await mailed())).toEqual([wanting.email]);
  });
});

describe('the link at the end of such a mail', () => {
  const anonymous = () => callWith(api.app);
  const linkOf = (message: CaughtMessage | undefined): string =>
    /^<(.*)>$/.exec(message?.headers['list-unsubscribe'] ?? '')?.[1] ?? '';
  const tokenOf = (link: string): string => new URL(link).searchParams.get('token') ?? '';

  it('stands in the headers that mail programs read, and in both texts', async () => {
    await org.addPerson('operator');
    await asks();
    const [message] = await mailed();
    const link = linkOf(message);
    expect(link).toMatch(new RegExp(`^${webUrl}/unsubscribe\\?token=[\\w-]+$`));
    expect(message?.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
    expect(message?.text).toContain(link);
    expect(message?.html).toContain(link);
  });

  it('ends that kind of mail from that org without a session, as often as it is used', async () => {
    const person = await org.signIn('operator');
    await person.call('PATCH /v1/me/notifications', { failures: true });
    await asks();
    const token = tokenOf(linkOf((await mailed())[0]));
    for (const _ of [1, 2]) {
      const { status, body } = await anonymous()('POST /v1/unsubscribe', { token });
      expect([status, body]).toEqual([200, { kind: 'approvals', orgName: 'Acme' }]);
    }
    const { items } = (await person.call('GET /v1/me/notifications')).body;
    expect(items.map(({ isOn }: { isOn: boolean }) => isOn)).toEqual([false, true]);
    await asks();
    expect(await mailed()).toHaveLength(1);
    const log = (await (await org.as('owner'))('GET /v1/audit')).body.items[0];
    expect(log).toMatchObject({
      action: 'user.notifications_set',
      actor: { id: person.userId },
      details: { by: 'mailed link' },
    });
  });

  it('does nothing when it was changed, or when its person has left', async () => {
    const person = await org.addPerson('operator');
    await asks();
    const token = tokenOf(linkOf((await mailed())[0]));
    const changed = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const each of [changed, 'x', '%%%']) {
      const { status, body } = await anonymous()('POST /v1/unsubscribe', { token: each });
      expect([status, body.code]).toEqual([404, 'link_invalid']);
    }
    await (await org.as('owner'))(`DELETE /v1/members/${person.memberId}`);
    expect((await anonymous()('POST /v1/unsubscribe', { token })).status).toBe(404);
  });
});
