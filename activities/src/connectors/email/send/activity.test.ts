import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { provesEveryFailure } from '../../../testing/proves-every-failure.ts';
import { activityInput, createNodeHarness, type NodeHarness, orgId } from '../../../testing/run-node.ts';
import { startMailFake, type MailFake, type MailFakeOptions, type MailFault } from '../fake.ts';
import { testSmtpServer } from '../test-credential.ts';
import { send } from './activity.ts';

const canary = 'canary-7Qm2x9Lp4w';
const mail = { to: 'ada@example.com', subject: 'Order A-1042', text: 'Thank you.' };

const setup = async (
  options: MailFakeOptions = {},
  connection: { settings?: Record<string, string | number>; password?: string } = {},
): Promise<{ fake: MailFake; node: NodeHarness }> => {
  const fake = await startMailFake(options);
  const node = createNodeHarness(send, { allow: [`127.0.0.1:${fake.smtpPort}`] });
  onTestFinished(async () => {
    await node.close();
    await fake.close();
  });
  node.connect({
    kind: 'email.smtp',
    settings: {
      host: '127.0.0.1',
      port: fake.smtpPort,
      security: 'none',
      from: 'shop@everwave.example',
      ...connection.settings,
    },
    secret: { password: connection.password ?? canary },
  });
  return { fake, node };
};

/** A mail server that says exactly what the test lets it say. */
const rawServer = async (onConnection: (socket: Socket) => void): Promise<number> => {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const nodeFor = (port: number, settings: Record<string, string | number> = {}): NodeHarness => {
  const node = createNodeHarness(send, { allow: [`127.0.0.1:${port}`] });
  onTestFinished(() => node.close());
  node.connect({
    kind: 'email.smtp',
    settings: { host: '127.0.0.1', port, security: 'none', from: 'shop@everwave.example', ...settings },
    secret: { password: canary },
  });
  return node;
};

provesEveryFailure(send);

describe('email.send', () => {
  it('hands over text and HTML with a Message-ID made from the effect key', async () => {
    const { fake, node } = await setup();
    const ending = await node.run({
      to: 'ada@example.com, grace@example.com',
      cc: ['alan@example.com'],
      bcc: 'edsger@example.com',
      replyTo: 'help@everwave.example',
      fromName: 'The Shop',
      subject: 'Grüße: A-1042',
      text: 'Thank you.\n.\nA line of one dot stays.',
      html: '<p>Thank you.</p>',
    });
    expect(fake.messages).toHaveLength(1);
    const [caught] = fake.messages;
    expect(caught).toMatchObject({
      subject: 'Grüße: A-1042',
      from: 'shop@everwave.example',
      to: ['ada@example.com', 'grace@example.com'],
      cc: ['alan@example.com'],
      envelope: {
        from: 'shop@everwave.example',
        to: ['ada@example.com', 'grace@example.com', 'alan@example.com', 'edsger@example.com'],
      },
      text: 'Thank you.\n.\nA line of one dot stays.\n',
      html: expect.stringContaining('<p>Thank you.</p>') as string,
    });
    expect(caught?.messageId).toMatch(/^<[0-9a-f]{64}@everwave\.example>$/);
    expect(JSON.stringify(caught?.headers)).not.toContain('edsger');
    expect(ending).toMatchObject({ ok: true, output: { messageId: caught?.messageId, rejected: [] } });
    expect(node.effect()).toMatchObject({ state: 'confirmed', attempt: 1 });
  });

  it('signs in, and never shows the password', async () => {
    const { fake, node } = await setup(
      { account: { user: 'shop', password: canary } },
      { settings: { username: 'shop' } },
    );
    expect(await node.run(mail)).toMatchObject({ ok: true });
    expect(fake.messages).toHaveLength(1);
    expect(JSON.stringify([node.ports.lines, [...node.ports.effectRows]])).not.toContain(canary);
  });

  it('refuses a bad password without trying again', async () => {
    const { node } = await setup(
      { account: { user: 'shop', password: 'another' } },
      { settings: { username: 'shop' } },
    );
    const ending = await node.run(mail);
    expect(ending).toMatchObject({
      type: 'authentication_failed',
      retryable: false,
      details: { advice: 'Correct user name and password in the connection, test it, then retry.' },
    });
    expect(ending.ok ? '' : ending.message).toMatch(/^127\.0\.0\.1:\d+ said: Invalid login: 535/);
    expect(JSON.stringify([ending, ending.ok ? '' : ending.error.stack])).not.toContain(canary);
    expect(node.effect()?.state).toBe('intent');
  });

  it.each<[MailFault, string, boolean, string]>([
    [{ at: 'connect', code: 421 }, 'smtp_busy', true, 'intent'],
    [{ at: 'connect', code: 554 }, 'smtp_unreachable', true, 'intent'],
    [{ at: 'mail', code: 451 }, 'smtp_busy', true, 'intent'],
    [{ at: 'mail', code: 550 }, 'sender_refused', false, 'intent'],
    [{ at: 'rcpt', code: 450 }, 'smtp_busy', true, 'intent'],
    [{ at: 'rcpt', code: 550 }, 'recipient_refused', false, 'intent'],
    [{ at: 'content', how: 'refuse', code: 452 }, 'smtp_busy', true, 'intent'],
    [{ at: 'content', how: 'refuse', code: 554 }, 'message_refused', false, 'failed'],
  ])('takes %j for %s', async (fault, type, retryable, state) => {
    const { fake, node } = await setup();
    fake.failNext(fault);
    const ending = await node.run(mail);
    expect(ending).toMatchObject({ ok: false, type, retryable });
    expect(ending.ok ? {} : ending.details).not.toHaveProperty('unsure');
    expect(node.effect()?.state).toBe(state);
    expect(fake.messages).toHaveLength(0);
    expect(await node.run(mail, { attempt: 2 })).toMatchObject({ ok: true });
    expect(fake.messages).toHaveLength(1);
  });

  it('sends to those recipients the server knows, and names the others', async () => {
    const { fake, node } = await setup();
    expect(await node.run({ ...mail, to: 'ada@example.com, unknown@example.com' })).toMatchObject({
      ok: true,
      output: { accepted: ['ada@example.com'], rejected: ['unknown@example.com'] },
    });
    expect(fake.messages).toHaveLength(1);
  });

  it('says that the server is unreachable, and that nothing was sent', async () => {
    const { fake, node } = await setup();
    await fake.close();
    const ending = await node.run(mail);
    expect(ending).toMatchObject({
      type: 'smtp_unreachable',
      retryable: true,
      details: {
        advice: 'Check host and port in the connection, and whether the mail server is up. Nothing was sent.',
      },
    });
    expect(ending.ok ? '' : ending.message).toMatch(/^127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    expect(node.effect()?.state).toBe('intent');
  });

  it.each([
    ['closes at once', (socket: Socket) => socket.end(), 'none', 'smtp_unreachable', true],
    [
      'is no mail server',
      (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'none',
      'smtp_unreachable',
      true,
    ],
    ['speaks no TLS', (socket: Socket) => socket.write('220 plain\r\n'), 'tls', 'encryption_failed', false],
  ] as const)('copes with a server that %s', async (_what, onConnection, security, type, retryable) => {
    const node = nodeFor(await rawServer(onConnection), { security });
    expect(await node.run(mail)).toMatchObject({ ok: false, type, retryable });
    expect(node.effect()?.state).toBe('intent');
  });

  it('does not go on in plain text when encryption was asked for', async () => {
    const { fake, node } = await setup({}, { settings: { security: 'starttls', username: 'shop' } });
    expect(await node.run(mail)).toMatchObject({ type: 'encryption_failed', retryable: false });
    expect(fake.messages).toHaveLength(0);
  });

  it('does not trust a certificate nobody vouches for', async () => {
    const { fake, node } = await setup({ tls: 'starttls' }, { settings: { security: 'starttls' } });
    expect(await node.run(mail)).toMatchObject({ type: 'encryption_failed', retryable: false });
    expect(fake.messages).toHaveLength(0);
  });

  it.each(['localhost', '127.1', '0x7f000001', '::1', '169.254.169.254', '2130706433'])(
    'does not open a socket to %s',
    async (host) => {
      let connections = 0;
      const port = await rawServer(() => (connections += 1));
      const node = createNodeHarness(send);
      onTestFinished(() => node.close());
      node.connect({
        kind: 'email.smtp',
        settings: { host, port, security: 'none', from: 'shop@everwave.example' },
        secret: {},
      });
      expect(await node.run(mail)).toMatchObject({ type: 'address_refused', retryable: false });
      expect(connections).toBe(0);
    },
  );

  it.each([
    [{ ...mail, to: 'nobody' }, 'to: Each recipient is an address'],
    [{ ...mail, to: '' }, 'to: '],
    [{ ...mail, to: 'a@example.com\r\nBcc: b@example.com' }, 'to: '],
    [{ ...mail, subject: 'x\r\nBcc: b@example.com' }, 'subject: One line only.'],
    [{ ...mail, fromName: 'x\ny' }, 'fromName: One line only.'],
    [{ ...mail, text: { path: '/etc/passwd' } }, 'text: '],
    [{ ...mail, html: { href: 'http://127.0.0.1/' } }, 'html: '],
    [{ ...mail, attachment: [] }, 'Unrecognized key'],
  ])('names the field of a bad input: %j', async (input, message) => {
    const { fake, node } = await setup();
    const ending = await node.run(input as never);
    expect(ending).toMatchObject({ type: 'invalid_input', retryable: false });
    expect(ending.ok ? '' : ending.message).toContain(message);
    expect(fake.messages).toHaveLength(0);
  });

  describe('when it cannot know whether the server took the message', () => {
    it.each(['lost', 'hang'] as const)('waits for a person instead of sending it again (%s)', async (how) => {
      const { fake, node } = await setup();
      fake.failNext({ at: 'content', how });
      expect(await node.run(mail, { startToCloseTimeoutMs: 2000 })).toMatchObject({
        type: 'effect_unsure',
        retryable: false,
        details: { unsure: true },
      });
      expect(node.effect()?.state).toBe('unsure');
      expect(await node.run(mail, { attempt: 2 })).toMatchObject({ type: 'effect_unsure' });
      expect(fake.messages).toHaveLength(1);
    });

    it('does not send again after the worker died with the message on its way', async () => {
      const { fake, node } = await setup();
      fake.failNext({ at: 'content', how: 'hang' });
      void node.run(mail);
      await expect.poll(() => fake.messages.length).toBe(1);
      expect(await node.run(mail, { attempt: 2 })).toMatchObject({ type: 'effect_unsure', details: { unsure: true } });
      expect(fake.messages).toHaveLength(1);
    });

    it('sends after the worker died before the message was on its way', async () => {
      const port = await rawServer(() => {});
      const silent = nodeFor(port);
      void silent.run(mail, { startToCloseTimeoutMs: 60_000 });
      await expect.poll(() => silent.effect()?.state).toBe('intent');
      const { fake } = await setup();
      const next = createNodeHarness(send, { allow: [`127.0.0.1:${fake.smtpPort}`] });
      onTestFinished(() => next.close());
      for (const [key, row] of silent.ports.effectRows) next.ports.effectRows.set(key, row);
      next.connect({
        kind: 'email.smtp',
        settings: { host: '127.0.0.1', port: fake.smtpPort, security: 'none', from: 'shop@everwave.example' },
        secret: {},
      });
      expect(await next.run(mail, { attempt: 2 })).toMatchObject({ ok: true });
      expect(fake.messages).toHaveLength(1);
    });

    it('returns the known result when the worker died after it', async () => {
      const { fake, node } = await setup();
      await node.run(mail);
      expect(await node.run(mail, { attempt: 2 })).toMatchObject({ ok: true });
      expect(fake.messages).toHaveLength(1);
    });
  });

  describe('attachments', () => {
    /** As if a step of the run had made it. */
    const makeFile = async (node: NodeHarness, content: Buffer, name = 'Rechnung für "Zoë".pdf') => {
      const { runId, path, ordinal } = activityInput(null);
      const use = { orgId, runId, outermostRunId: runId, path, ordinal, name: 'file:1' };
      const mediaType = 'application/pdf';
      const kept = await node.ports.files.keep(use, { name, mediaType }, ReadableStream.from([content]));
      return { ref: `blob:${kept.sha256}`, name, mediaType, ...kept };
    };

    it('arrive with name, type and content, one or several', async () => {
      const { fake, node } = await setup();
      const bill = await makeFile(node, randomBytes(100_000));
      const copy = { ...bill, name: 'copy.pdf' };
      expect((await node.run({ ...mail, attachments: bill })).ok).toBe(true);
      expect((await node.run({ ...mail, attachments: [bill, copy] }, { request: { path: 'again' } })).ok).toBe(true);
      const told = ({ name, mediaType, sha256 }: typeof bill) => ({ name, mediaType, sha256 });
      expect(fake.messages.map(({ text, attachments }) => [text.trim(), attachments])).toEqual([
        ['Thank you.', [told(bill)]],
        ['Thank you.', [told(bill), told(copy)]],
      ]);
    });

    it('that are too large, missing or no files are refused, and nothing is sent or in doubt', async () => {
      const { fake, node } = await setup();
      const bill = await makeFile(node, randomBytes(10));
      // What is attached counts, not what a value says of it.
      const large = { ...(await makeFile(node, Buffer.alloc(25 * 1024 * 1024))), bytes: 1 };
      const sha256 = 'b'.repeat(64);
      const cases = [
        [[bill, large], 'attachments_too_large'],
        [{ ...bill, ref: `blob:${sha256}`, sha256 }, 'file_missing'],
        ['/etc/passwd', 'invalid_input'],
        [[{ path: '/etc/passwd' }], 'invalid_input'],
      ] as const;
      for (const [attachments, type] of cases) {
        const ending = await node.run({ ...mail, attachments }, { request: { path: type } });
        expect(ending).toMatchObject({ ok: false, type, retryable: false });
        expect(ending).not.toMatchObject({ details: { unsure: true } });
      }
      expect(fake.messages).toEqual([]);
    });
  });

  describe('the connection test', () => {
    const verdictFor = async (options: MailFakeOptions, settings: Record<string, string | number> = {}) => {
      const { fake, node } = await setup(options);
      const connection = {
        settings: {
          host: '127.0.0.1',
          port: fake.smtpPort,
          security: 'none' as const,
          from: 'shop@everwave.example',
          ...settings,
        },
        secret: { password: canary },
      };
      const probe = { fetch: node.egress.fetch, egress: node.egress, signal: AbortSignal.timeout(5000) };
      const verdict = await testSmtpServer.test(probe, connection);
      expect(fake.messages).toHaveLength(0);
      return verdict;
    };

    it('passes for a server that answers', async () => {
      expect(await verdictFor({})).toEqual({ ok: true, message: '127.0.0.1 answered.' });
    });

    it('passes for an account that is accepted', async () => {
      const account = { user: 'shop', password: canary };
      expect(await verdictFor({ account }, { username: 'shop' })).toEqual({
        ok: true,
        message: '127.0.0.1 accepted shop.',
      });
    });

    it('says that the password is wrong', async () => {
      const account = { user: 'shop', password: 'another' };
      expect(await verdictFor({ account }, { username: 'shop' })).toMatchObject({ ok: false });
    });
  });

  it('shows caught mail on a page that escapes everything', async () => {
    const { fake, node } = await setup();
    const attack = '</pre><script>alert(1)</script><img src=x onerror=alert(1)>';
    await node.run({ ...mail, subject: attack, text: attack });
    const page = await fetch(fake.url);
    const text = await page.text();
    expect(text).not.toMatch(/<script|<img/);
    expect(text).toContain('&lt;script&gt;');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const list = (await (await fetch(`${fake.url}/messages`)).json()) as { messages: unknown[] };
    expect(list.messages).toHaveLength(1);
  });
});
