import { buffer } from 'node:stream/consumers';
import type { FileValue } from '@everwave/schema/flow';
import MailComposer from 'nodemailer/lib/mail-composer';
import type Mail from 'nodemailer/lib/mailer';
import type { NodemailerError } from 'nodemailer/lib/errors';
import type * as z from 'zod';
import { implementNode, type Step } from '../../../runtime/implement-node.ts';
import { ConnectionLost } from '../../../runtime/node-errors.ts';
import { openSmtp } from '../client.ts';
import { isEncryptionFailure, refusalOf } from '../smtp-errors.ts';
import { emailSend, mostAttached, parseAddresses } from './definition.ts';

type EmailStep = Step<typeof emailSend>;
type Input = z.output<typeof emailSend.input>;

export const send = implementNode(emailSend, {
  announcesSending: true,

  async run(step, input) {
    const { settings } = step.connection;
    const messageId = `<${step.idempotencyKey}@${settings.from.split('@')[1]}>`;
    const recipients = [input.to, input.cc ?? [], input.bcc ?? []].flatMap(parseAddresses);
    const message = await compose(step, input, messageId);

    const session = await openSmtp(step, step.connection).catch((error: unknown) => {
      throw explain(step, error, { contentSent: false });
    });
    let contentSent = false;
    try {
      const { accepted, rejected } = await session.deliver(
        { from: settings.from, to: [...new Set(recipients)] },
        message,
        async () => {
          await step.sending();
          contentSent = true;
        },
      );
      return { messageId, accepted: [...accepted], rejected: [...rejected] };
    } catch (error) {
      throw explain(step, error, { contentSent });
    } finally {
      session.close();
    }
  },
});

const compose = async (step: EmailStep, input: Input, messageId: string): Promise<Buffer> => {
  const attachments = await attach(step, [input.attachments ?? []].flat());
  return new MailComposer({
    messageId,
    from: { name: input.fromName ?? '', address: step.connection.settings.from },
    to: parseAddresses(input.to),
    cc: parseAddresses(input.cc ?? []),
    ...(input.replyTo ? { replyTo: input.replyTo } : {}),
    subject: input.subject,
    text: input.text,
    ...(input.html ? { html: input.html } : {}),
    attachments: [...attachments],
    headers: { 'Auto-Submitted': 'auto-generated' },
    // A body is text, never a path or an address to read from.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
};

/** Opened before anything is said to the mail server: a file that is not there is no doubt about the message. */
const attach = async (step: EmailStep, files: readonly FileValue[]): Promise<readonly Mail.Attachment[]> => {
  const opened = await Promise.all(files.map((file) => step.files.open(file)));
  const bytes = opened.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > mostAttached) {
    const message = `The attachments have ${bytes} bytes together; ${mostAttached} are possible.`;
    throw step.failure('attachments_too_large', { message });
  }
  const contents = await Promise.all(opened.map(({ content }) => buffer(content)));
  return files.map(({ name, mediaType }, index) => ({
    filename: name,
    contentType: mediaType,
    content: contents[index] ?? Buffer.of(),
  }));
};

const explain = (step: EmailStep, error: unknown, { contentSent }: { contentSent: boolean }): unknown => {
  if (step.signal.aborted || !isFromMailServer(error)) return error;
  const { host, port } = step.connection.settings;
  const refusal = refusalOf(error);
  if (refusal) return step.failure(refusal, { message: `${host}:${port} said: ${error.message}`, cause: error });
  if (contentSent) {
    return new ConnectionLost(`${host}:${port} did not confirm the message (${error.message}).`, { cause: error });
  }
  const name = isEncryptionFailure(error) ? 'encryption_failed' : 'smtp_unreachable';
  return step.failure(name, { message: `${host}:${port}: ${error.message}`, cause: error });
};

/** Nodemailer's errors and the network's, but none of our own. */
const isFromMailServer = (error: unknown): error is NodemailerError =>
  error instanceof Error && (error.name === 'Error' || error.name === 'NotConnected' || error.name === 'TypeError');
