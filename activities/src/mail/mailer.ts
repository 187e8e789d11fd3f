import type * as z from 'zod';
import type { NodemailerError } from 'nodemailer/lib/errors';
import type { smtpServer } from '../connectors/email/credential.ts';
import { isEncryptionFailure, refusalOf, type SmtpFailure } from '../connectors/email/smtp-errors.ts';
import { createEgress } from '../runtime/egress.ts';
import { deliverMail, type OwnMail } from './deliver-mail.ts';

export interface MailServer {
  readonly settings: z.output<typeof smtpServer.settings>;
  readonly secret: z.output<typeof smtpServer.secret>;
}

/** The server did not take a mail. The message names neither the address nor anything the mail says. */
export class MailNotTaken extends Error {
  override readonly name = 'MailNotTaken';
  /** Trying again brings the same answer. */
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean, options?: ErrorOptions) {
    super(message, options);
    this.isFinal = isFinal;
  }
}

export interface Mailer {
  /** Resolves when the server has taken it; throws a `MailNotTaken`. */
  send(mail: OwnMail): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds for one attempt. */
const patience = 20_000;

/** Sends by the one server that the installation's settings name, which may be a private one. */
export const createMailer = (server: MailServer): Mailer => {
  const { host, port } = server.settings;
  const egress = createEgress({ allow: [`${host}:${port}`] });
  return {
    send: async (mail) => {
      try {
        await deliverMail({ egress, signal: AbortSignal.timeout(patience) }, server, mail);
      } catch (error) {
        throw notTaken(error as Error);
      }
    },
    close: () => egress.close(),
  };
};

const words: Readonly<Record<SmtpFailure, string>> = {
  smtp_unreachable: 'The mail server does not answer.',
  smtp_busy: 'The mail server asks to be tried again later.',
  encryption_failed: 'The mail server and we do not agree on encryption.',
  authentication_failed: 'The mail server refuses the user name or the password.',
  sender_refused: 'The mail server refuses the sender.',
  recipient_refused: 'The mail server refuses the recipient.',
  message_refused: 'The mail server refuses the message.',
};

// What the server itself says may repeat the recipient, so only its meaning is kept.
const notTaken = (error: NodemailerError): MailNotTaken => {
  const failure = refusalOf(error) ?? (isEncryptionFailure(error) ? 'encryption_failed' : 'smtp_unreachable');
  const isFinal = failure === 'recipient_refused' || failure === 'message_refused';
  return new MailNotTaken(words[failure], isFinal);
};
