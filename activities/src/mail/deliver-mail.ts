import MailComposer from 'nodemailer/lib/mail-composer';
import { openSmtp, type SmtpCaller } from '../connectors/email/client.ts';
import type { smtpServer } from '../connectors/email/credential.ts';
import type { OpenConnection } from '../runtime/implement-node.ts';

/** A mail that Everwave itself sends, rather than a step. */
export interface OwnMail {
  /** The same for every attempt, so that a receiver can tell a second copy. No dots. */
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** An address that ends mails like this one, for the button that mail programs show (RFC 8058). */
  readonly unsubscribe?: string;
}

/** Resolves when the mail server has taken it. */
export const deliverMail = async (
  caller: SmtpCaller,
  server: OpenConnection<typeof smtpServer>,
  { id, to, subject, text, html, unsubscribe }: OwnMail,
): Promise<void> => {
  const { from } = server.settings;
  const content = await new MailComposer({
    messageId: `<${id}@${from.split('@')[1]}>`,
    from,
    to: [...to],
    subject,
    text,
    ...(html === undefined ? {} : { html }),
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(unsubscribe !== undefined && {
        'List-Unsubscribe': `<${unsubscribe}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      }),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
  const session = await openSmtp(caller, server);
  try {
    await session.deliver({ from, to }, content, async () => undefined);
  } finally {
    session.close();
  }
};
