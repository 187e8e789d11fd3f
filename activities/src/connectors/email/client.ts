import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import type { NodemailerError } from 'nodemailer/lib/errors';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Egress } from '../../runtime/egress.ts';
import type { OpenConnection } from '../../runtime/implement-node.ts';
import { NotConnected } from '../../runtime/node-errors.ts';
import type { smtpServer } from './credential.ts';

type SmtpServer = OpenConnection<typeof smtpServer>;

export interface SmtpCaller {
  readonly egress: Egress;
  readonly signal: AbortSignal;
}

export interface Delivery {
  readonly accepted: readonly string[];
  readonly rejected: readonly string[];
}

/** An open, signed-in session with a mail server. Errors are nodemailer's; `smtp-errors.ts` puts them into words. */
export interface SmtpSession {
  /**
   * Hands one message over. `beforeContent` runs when the server has accepted sender and recipients and before the
   * first byte of the message leaves; when it throws, nothing has been sent.
   */
  deliver(
    envelope: { readonly from: string; readonly to: readonly string[] },
    message: Buffer,
    beforeContent: () => Promise<void>,
  ): Promise<Delivery>;
  close(): void;
}

/** Connects to a checked address of the server and signs in. */
export const openSmtp = async (caller: SmtpCaller, { settings, secret }: SmtpServer): Promise<SmtpSession> => {
  const addresses = await caller.egress.resolve(settings.host, settings.port);
  let failure: unknown;
  for (const { address } of addresses) {
    caller.signal.throwIfAborted();
    const connection = new SMTPConnection({
      host: address,
      port: settings.port,
      // The certificate is checked against the name, the connection goes to the address.
      ...(isIP(settings.host) === 0 ? { servername: settings.host } : {}),
      secure: settings.security === 'tls',
      requireTLS: settings.security === 'starttls',
      ignoreTLS: settings.security === 'none',
      name: settings.from.split('@')[1] ?? 'localhost',
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
    });
    // Between two steps nobody waits for an error; the next step meets the closed connection.
    connection.on('error', () => {});
    try {
      await settleOrAbort(caller.signal, connection, (done) => connection.connect(done));
      if (settings.username) {
        const credentials = { user: settings.username, pass: secret.password ?? '' };
        await settleOrAbort(caller.signal, connection, (done) => connection.login({ credentials }, done));
      }
      return sessionOf(connection, caller.signal);
    } catch (error) {
      connection.close();
      failure = error;
      if (!isConnectFailure(error)) throw error;
    }
  }
  throw failure;
};

/** The address did not answer; the name's next one may. */
const isConnectFailure = (error: unknown): boolean =>
  error instanceof NotConnected ||
  (error instanceof Error && ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'].includes(reasonOf(error)));

const reasonOf = (error: NodemailerError): string => error.originalCode ?? error.code ?? '';

const sessionOf = (connection: SMTPConnection, signal: AbortSignal): SmtpSession => ({
  async deliver(envelope, message, beforeContent) {
    // Nodemailer reads the stream only after the server's go-ahead for the content.
    const content = Readable.from(
      (async function* () {
        await beforeContent();
        yield message;
      })(),
    );
    return settleOrAbort<Delivery>(signal, connection, (done) =>
      connection.send({ from: envelope.from, to: [...envelope.to], size: message.byteLength }, content, done),
    );
  },
  close: () => connection.close(),
});

/** One step of the conversation: its callback, the connection's own error, or the attempt's end, whichever is first. */
const settleOrAbort = async <Result>(
  signal: AbortSignal,
  connection: SMTPConnection,
  begin: (done: (error?: Error | null, result?: Result) => void) => void,
): Promise<Result> => {
  signal.throwIfAborted();
  const settled = new AbortController();
  try {
    return await new Promise<Result>((resolve, reject) => {
      const abort = () => {
        connection.close();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true, signal: settled.signal });
      connection.once('error', reject);
      connection.once('end', () => reject(new Error('The mail server closed the connection.')));
      begin((error, result) => (error ? reject(error) : resolve(result as Result)));
    });
  } finally {
    settled.abort();
  }
};
