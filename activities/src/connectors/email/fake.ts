import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { callbackify } from 'node:util';
import { Hono } from 'hono';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import { renderPage } from '../../fakes/page.ts';
import { serveFake, type FakeEnvironment, type RunningFake } from '../../fakes/serve-fake.ts';

/** A message as the catcher took it. */
export interface CaughtMessage {
  readonly receivedAt: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly messageId: string;
  readonly subject: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly { readonly name: string; readonly mediaType: string; readonly sha256: string }[];
}

/** What goes wrong for the next message. `lost`: the message is taken and the connection breaks before the answer. */
export type MailFault =
  | { readonly at: 'connect' | 'auth' | 'mail' | 'rcpt' | 'data'; readonly code: number }
  | { readonly at: 'content'; readonly how: 'refuse'; readonly code: number }
  | { readonly at: 'content'; readonly how: 'lost' | 'hang' };

export interface MailFake extends RunningFake {
  readonly smtpPort: number;
  readonly messages: CaughtMessage[];
  failNext(fault: MailFault): void;
}

export interface MailFakeOptions {
  readonly host?: string;
  /** Page and JSON list; default any free port. */
  readonly port?: number;
  readonly smtpPort?: number;
  /** When given, a sender has to sign in with these. */
  readonly account?: { readonly user: string; readonly password: string };
  /** Offers TLS with smtp-server's own self-signed certificate. */
  readonly tls?: 'starttls' | 'tls' | 'none';
}

const kept = 500;

/** A mail server that delivers nothing: it keeps what it gets and shows it on a page. */
export const startMailFake = async (options: MailFakeOptions = {}): Promise<MailFake> => {
  const host = options.host ?? '127.0.0.1';
  const messages: CaughtMessage[] = [];
  const faults: MailFault[] = [];
  const sockets = new Set<Socket>();
  const takeFault = (at: MailFault['at']): MailFault | undefined => {
    const index = faults.findIndex((fault) => fault.at === at);
    return index === -1 ? undefined : faults.splice(index, 1)[0];
  };
  const refuse = (at: Exclude<MailFault['at'], 'content'>): Error | null => {
    const fault = takeFault(at);
    return fault && 'code' in fault ? smtpError(fault.code) : null;
  };

  /** Resolves when the message is taken, rejects when it is refused, does neither when the answer shall be missing. */
  const take = async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> => {
    const early = refuse('data');
    const raw = await buffer(stream);
    const fault = takeFault('content');
    if (early) throw early;
    if (fault?.at === 'content' && fault.how === 'refuse') throw smtpError(fault.code);
    const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
    const to = session.envelope.rcptTo.map(({ address }) => address);
    messages.push(await readMessage(raw, { from, to }));
    messages.splice(0, Math.max(0, messages.length - kept));
    if (!fault) return;
    if (fault.at === 'content' && fault.how === 'lost') for (const socket of sockets) socket.destroy();
    await new Promise(() => {});
  };
  const takeWithCallback = callbackify(take);

  const handlers: SMTPServerOptions = {
    onConnect: (_session, done) => done(refuse('connect')),
    onAuth(auth, _session, done) {
      const fault = refuse('auth');
      const known = auth.username === options.account?.user && auth.password === options.account?.password;
      if (fault) done(fault);
      else if (!known) done(smtpError(535));
      else done(null, { user: auth.username });
    },
    onMailFrom: (_address, _session, done) => done(refuse('mail')),
    onRcptTo: (address, _session, done) =>
      done(address.address.startsWith('unknown@') ? smtpError(550) : refuse('rcpt')),
    onData: (stream, session, done) => takeWithCallback(stream, session, (error) => done(error)),
  };
  const smtp = new SMTPServer({
    ...handlers,
    banner: 'Everwave demo: this server delivers nothing',
    size: 10 * 1024 * 1024,
    disabledCommands: [...(options.account ? [] : ['AUTH']), ...(options.tls === 'starttls' ? [] : ['STARTTLS'])],
    authOptional: !options.account,
    allowInsecureAuth: true,
    secure: options.tls === 'tls',
    disableReverseLookup: true,
    logger: false,
  });
  smtp.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  // A client that breaks off is what the tests are about, not an error of the server.
  smtp.on('error', () => {});
  smtp.listen(options.smtpPort ?? 0, host);
  await once(smtp.server, 'listening');

  const page = await serveFake(createPage(messages), { host, port: options.port ?? 0 });
  return {
    ...page,
    smtpPort: (smtp.server.address() as AddressInfo).port,
    messages,
    failNext: (fault) => void faults.push(fault),
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([page.close(), new Promise<void>((resolve) => smtp.close(resolve))]);
    },
  };
};

const smtpError = (responseCode: number): Error =>
  Object.assign(new Error(responseCode < 500 ? 'Try again later' : 'Not accepted here'), { responseCode });

const readMessage = async (raw: Buffer, envelope: CaughtMessage['envelope']): Promise<CaughtMessage> => {
  const mail = await PostalMime.parse(raw);
  const addressesOf = (list: typeof mail.to) => (list ?? []).map(({ address }) => address ?? '');
  return {
    receivedAt: new Date().toISOString(),
    envelope,
    messageId: mail.messageId ?? '',
    subject: mail.subject ?? '',
    from: mail.from?.address ?? '',
    to: addressesOf(mail.to),
    cc: addressesOf(mail.cc),
    text: mail.text ?? '',
    html: mail.html ?? '',
    headers: Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])),
    attachments: mail.attachments.map(({ filename, mimeType, content }) => ({
      name: filename ?? '',
      mediaType: mimeType,
      sha256: createHash('sha256')
        .update(typeof content === 'string' ? content : new Uint8Array(content))
        .digest('hex'),
    })),
  };
};

const createPage = (messages: readonly CaughtMessage[]): Hono<FakeEnvironment> => {
  const app = new Hono<FakeEnvironment>();
  app.get('/messages', (context) => context.json({ messages }));
  app.get('/', (context) =>
    renderPage(context, {
      title: 'Mail',
      hint: 'Every message of the demo ends here. Nothing is delivered.',
      entries: messages.toReversed().map((message) => ({
        title: message.subject,
        facts: [
          ['From', message.from],
          ['To', message.envelope.to.join(', ')],
          ['At', message.receivedAt],
          ['Message-ID', message.messageId],
        ],
        text: message.text || message.html,
      })),
    }),
  );
  return app;
};
