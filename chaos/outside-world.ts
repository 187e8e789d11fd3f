import {
  fakeBotToken,
  fakeToken,
  type HttpFake,
  type MailFake,
  type SlackFake,
  startHttpFake,
  startMailFake,
  startSlackFake,
} from '@everwave/activities/fakes';

/** Vendors that outlive every process of the product, and count what reached them. */
export interface OutsideWorld {
  readonly mail: MailFake;
  readonly slack: SlackFake;
  readonly http: HttpFake;
  /** Exact host:port entries for the egress guard. */
  readonly egressAllow: string;
  /** Connections as the api takes them, by the name the test's flow uses. */
  readonly connections: {
    readonly [Name in 'mail' | 'slack' | 'http']: { name: string; kind: string; settings: object; secret: object };
  };
  /** How many e-mails and Slack messages speak of this order. */
  effectsOf(orderId: string): { readonly mails: number; readonly messages: number };
  close(): Promise<void>;
}

export const startOutsideWorld = async (): Promise<OutsideWorld> => {
  const [mail, slack, http] = await Promise.all([startMailFake(), startSlackFake(), startHttpFake()]);
  const speaksOf = (text: string, orderId: string) => text.split(/[\s,.]/).includes(orderId);
  return {
    mail,
    slack,
    http,
    egressAllow: [`127.0.0.1:${mail.smtpPort}`, new URL(slack.url).host, new URL(http.url).host].join(','),
    connections: {
      mail: {
        name: 'Chaos mail',
        kind: 'email.smtp',
        settings: { host: '127.0.0.1', port: mail.smtpPort, security: 'none', from: 'orders@example.com' },
        secret: {},
      },
      slack: {
        name: 'Chaos Slack',
        kind: 'slack.bot',
        settings: { baseUrl: `${slack.url}/api` },
        secret: { botToken: fakeBotToken },
      },
      http: {
        name: 'Chaos shop',
        kind: 'http.authentication',
        settings: { baseUrl: http.url, scheme: 'bearer', testPath: '/me' },
        secret: { value: fakeToken },
      },
    },
    effectsOf: (orderId) => ({
      mails: mail.messages.filter(({ subject }) => speaksOf(subject, orderId)).length,
      messages: slack.messages.filter(({ text }) => speaksOf(text, orderId)).length,
    }),
    close: async () => {
      await Promise.all([mail.close(), slack.close(), http.close()]);
    },
  };
};
