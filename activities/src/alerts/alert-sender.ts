import { smtpServer } from '../connectors/email/credential.ts';
import { deliverMail } from '../mail/deliver-mail.ts';
import { createEgress } from '../runtime/egress.ts';
import { openConnection } from '../runtime/open-connection.ts';
import type { Connection, EgressPolicy } from '../runtime/ports.ts';
import { createRedactor } from '../runtime/secrets.ts';
import { signDelivery } from '../webhooks/standard-signature.ts';

/** Where an alert goes, with what it takes to get there. */
export type AlertTarget =
  | { readonly kind: 'email'; readonly to: readonly string[]; readonly server: Connection }
  | { readonly kind: 'slack'; readonly url: string }
  | { readonly kind: 'webhook'; readonly url: string; readonly secret: string };

export interface AlertMessage {
  /** The same for every attempt, so that the other side can tell a second copy. No dots. */
  readonly id: string;
  /** `dead_letters.opened` */
  readonly type: string;
  readonly title: string;
  readonly text: string;
  readonly link: string | null;
  /** For machines. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly timestamp: string;
}

export interface AlertSender {
  /** Resolves when the other side has taken it. Throws what went wrong, in words that hold no secret. */
  send(target: AlertTarget, message: AlertMessage): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds for one attempt. */
const patience = 20_000;

/** Sends through the egress guard, as a step does. */
export const createAlertSender = (policy: EgressPolicy): AlertSender => {
  const egress = createEgress(policy);

  const post = async (url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<void> => {
    const response = await egress.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Everwave', ...headers },
      body,
      signal: AbortSignal.timeout(patience),
      freshConnection: true,
      maximumBytes: 64 * 1024,
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}.`);
  };

  const mail = async (
    { to, server }: Extract<AlertTarget, { kind: 'email' }>,
    { id, title, text, link }: AlertMessage,
  ): Promise<void> =>
    deliverMail({ egress, signal: AbortSignal.timeout(patience) }, openConnection(server, smtpServer), {
      id,
      to,
      subject: title,
      text: [text, ...(link ? ['', link] : [])].join('\n'),
    });

  const send = (target: AlertTarget, message: AlertMessage): Promise<void> => {
    switch (target.kind) {
      case 'email':
        return mail(target, message);
      case 'slack':
        return post(target.url, JSON.stringify({ text: slackText(message) }));
      case 'webhook': {
        const { id, type, timestamp, data, title, text, link } = message;
        const body = JSON.stringify({ type, timestamp, data: { ...data, title, text, link } });
        const seconds = Math.floor(Date.now() / 1_000);
        const delivery = { id, timestamp: seconds, body: Buffer.from(body, 'utf8') };
        return post(target.url, body, {
          'webhook-id': id,
          'webhook-timestamp': String(seconds),
          'webhook-signature': signDelivery(target.secret, delivery),
        });
      }
    }
  };

  return {
    send: async (target, message) => {
      const redactor = createRedactor(secretsOf(target));
      try {
        await send(target, message);
      } catch (error) {
        // oxlint-disable-next-line preserve-caught-error -- the cause may hold the address, which is a secret
        throw new Error(redactor.text(error instanceof Error ? error.message : String(error)));
      }
    },
    close: () => egress.close(),
  };
};

const secretsOf = (target: AlertTarget): Record<string, string> => {
  switch (target.kind) {
    case 'email':
      return { ...(target.server.secret as Record<string, string>) };
    case 'slack':
      return { url: target.url };
    case 'webhook':
      return { url: target.url, secret: target.secret };
  }
};

/** https://docs.slack.dev/messaging/formatting-message-text (read 2026-11-30): three characters are escaped. */
const slackText = ({ title, text, link }: AlertMessage): string => {
  const escaped = (plain: string) => plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [`*${escaped(title)}*`, escaped(text), ...(link ? [`<${link}>`] : [])].join('\n');
};
