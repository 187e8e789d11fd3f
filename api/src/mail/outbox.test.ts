import { createMailer, type MailServer } from '@everwave/activities/mail';
import { type MailFake, startMailFake } from '@everwave/activities/fakes';
import { tables, withSystem } from '@everwave/schema/db';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/test-api.ts';
import { composeMail, type Mail } from './mail.ts';
import { createOutbox } from './outbox.ts';

const { mails } = tables;

let api: TestApi;
let fake: MailFake;
beforeAll(async () => {
  api = await createTestApi();
  fake = await startMailFake();
});
afterAll(() => Promise.all([api.close(), fake.close()]));
beforeEach(async () => {
  await withSystem(api.db, (tx) => tx.delete(mails));
  fake.messages.length = 0;
});

const link = 'http://127.0.0.1:3000/reset-password/secret-token-4711';
const aMail = (change: Partial<Mail> = {}): Mail => ({
  ...composeMail({
    kind: 'password_reset',
    subject: 'Choose a new password',
    paragraphs: ['Somebody asked for <b>this</b>.'],
    action: { label: 'Choose a password', link },
  }),
  ...change,
});
const server = (): MailServer => ({
  settings: { host: '127.0.0.1', port: fake.smtpPort, security: 'none', from: 'everwave@example.com' },
  secret: {},
});
const outboxTo = (mailServer: MailServer | null) =>
  createOutbox({
    db: api.db,
    seal: api.dependencies.seal,
    mailer: mailServer && createMailer(mailServer),
    log: api.dependencies.log,
  });
const write = (to: string, mail = aMail()) => withSystem(api.db, (tx) => api.dependencies.outbox.write(tx, to, mail));
const theRow = async (to: string) => {
  const [row] = await withSystem(api.db, (tx) => tx.select().from(mails).where(eq(mails.recipient, to)));
  if (!row) throw new Error(`No mail to ${to}`);
  return row;
};
const makeDue = () => withSystem(api.db, (tx) => tx.update(mails).set({ nextAttemptAt: sql`now()` }));

describe('a mail in the outbox', () => {
  it('reaches its person as text and as HTML, and what it said is forgotten then', async () => {
    await write('ada@example.org');
    expect(Buffer.from((await theRow('ada@example.org')).contentSealed ?? []).includes('secret-token')).toBe(false);
    expect(await outboxTo(server()).round()).toBe(1);
    const [message] = fake.messages;
    expect(message).toMatchObject({
      envelope: { from: 'everwave@example.com', to: ['ada@example.org'] },
      subject: 'Choose a new password',
    });
    expect(message?.text).toContain(link);
    expect(message?.html).toContain(`href="${link}"`);
    expect(message?.html).toContain('&lt;b&gt;this&lt;/b&gt;');
    const row = await theRow('ada@example.org');
    expect([row.sentAt !== null, row.contentSealed, row.attempts]).toEqual([true, null, 1]);
    expect(message?.messageId).toContain(row.id);
    expect(await outboxTo(server()).round()).toBe(0);
  });

  it('is not there when the change it speaks of did not happen', async () => {
    const undone = withSystem(api.db, async (tx) => {
      await api.dependencies.outbox.write(tx, 'nobody@example.org', aMail());
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await expect(theRow('nobody@example.org')).rejects.toThrow('No mail');
  });

  it('is sent once by several processes at once', async () => {
    for (let index = 0; index < 30; index += 1) await write(`person-${index}@example.org`);
    const processes = [outboxTo(server()), outboxTo(server()), outboxTo(server())];
    const drain = async (outbox: (typeof processes)[number]) => {
      while ((await outbox.round()) > 0);
    };
    await Promise.all(processes.map(drain));
    const recipients = fake.messages.flatMap(({ envelope }) => envelope.to);
    expect([recipients.length, new Set(recipients).size]).toEqual([30, 30]);
  });

  it('is tried again, later each time, while the server has trouble', async () => {
    await write('busy@example.org');
    const outbox = outboxTo(server());
    const pauses: number[] = [];
    for (const at of ['connect', 'mail', 'data'] as const) {
      fake.failNext({ at, code: 451 });
      await outbox.round();
      const row = await theRow('busy@example.org');
      pauses.push(Math.round((row.nextAttemptAt.getTime() - Date.now()) / 1_000));
      expect([row.sentAt, row.gaveUpAt, row.lastError]).toEqual([
        null,
        null,
        'The mail server asks to be tried again later.',
      ]);
      await makeDue();
    }
    expect(pauses.map((pause) => Math.round(pause / 5))).toEqual([1, 2, 4]);
    await outbox.round();
    expect((await theRow('busy@example.org')).sentAt).not.toBeNull();
    expect(fake.messages).toHaveLength(1);
  });

  it('is given up when the address is refused for good, and when its link has run out', async () => {
    await write('unknown@example.org');
    await outboxTo(server()).round();
    const refused = await theRow('unknown@example.org');
    expect([refused.gaveUpAt !== null, refused.contentSealed, refused.lastError]).toEqual([
      true,
      null,
      'The mail server refuses the recipient.',
    ]);
    await write('late@example.org', aMail({ goodFor: -1 }));
    await outboxTo(server()).round();
    expect((await theRow('late@example.org')).gaveUpAt).not.toBeNull();
    expect(fake.messages).toHaveLength(0);
  });

  it('keeps a name with a line break out of the headers', async () => {
    const { subject, kind } = composeMail({
      kind: 'invitation',
      subject: 'Ada\r\nBcc: thief@example.org\r\n invites you',
      paragraphs: [],
    });
    await write('ada@example.org', aMail({ subject, kind }));
    await outboxTo(server()).round();
    expect(fake.messages[0]?.subject).toBe('Ada Bcc: thief@example.org invites you');
    expect(fake.messages[0]?.headers['bcc']).toBeUndefined();
  });
});

describe('mails that are stuck', () => {
  const readStatus = async () => (await (await api.createOrg()).as('operator'))('GET /v1/system/status');

  it('are named in the status of the system', async () => {
    api.temporal.queues = [
      {
        queue: 'flow',
        kind: 'workflow',
        backlog: 0,
        oldestMs: 0,
        pollers: [{ identity: 'w1', lastSeenAt: Date.now() }],
      },
    ];
    expect((await readStatus()).body).toMatchObject({ problems: [], mail: { isSet: true, waiting: 0 } });
    await write('stuck@example.org');
    await outboxTo({ ...server(), settings: { ...server().settings, port: 1 } }).round();
    await withSystem(api.db, (tx) => tx.update(mails).set({ createdAt: sql`now() - interval '2 minutes'` }));
    const { body } = await readStatus();
    expect(body.problems).toEqual(['A mail waits to be sent. The mail server does not answer.']);
    expect(body.mail).toMatchObject({ waiting: 1, gaveUp: 0 });
    expect(body.mail.oldestMs).toBeGreaterThan(100_000);
  });

  it('wait where no mail server is set', async () => {
    await write('waiting@example.org');
    expect(await outboxTo(null).round()).toBe(0);
    expect((await theRow('waiting@example.org')).gaveUpAt).toBeNull();
  });
});
