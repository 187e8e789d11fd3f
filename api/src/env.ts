import {
  isTracing,
  secretKeyVariables,
  temporalVariables,
  toMasterKeySettings,
  toTemporalSettings,
  tracingVariables,
  type TemporalSettings,
} from '@everwave/temporal/env';
import type { MasterKeySettings } from '@everwave/temporal/encryption';
import { trustedProxiesSchema } from '@everwave/schema/network';
import type { MailServer } from '@everwave/activities/mail';
import { metricsToken } from '@everwave/schema/observe';
import * as z from 'zod';
import { defaultLimits, type Settings } from './settings.ts';

/** An empty variable counts as not set, as in a `.env` file that lists names without values. */
const emptyIsAbsent = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema);

const port = (fallback: number) => emptyIsAbsent(z.coerce.number().int().min(0).max(65_535).default(fallback));
const perMinute = (fallback: number) =>
  emptyIsAbsent(
    z.coerce.number({ error: 'Write a number of requests.' }).int().min(1).max(1_000_000).default(fallback),
  );
const address = emptyIsAbsent(
  z
    .url({ protocol: /^https?$/, error: 'Write a full address such as http://127.0.0.1:3000.' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
);

const variablesSchema = z.object({
  DATABASE_URL: emptyIsAbsent(
    z.string({ error: 'Write postgres://user:password@host:port/database.' }).regex(/^postgres(ql)?:\/\//, {
      error: 'Write postgres://user:password@host:port/database.',
    }),
  ),
  EVERWAVE_HOST: emptyIsAbsent(z.string().default('127.0.0.1')),
  EVERWAVE_API_PORT: port(3001),
  EVERWAVE_WEB_PORT: port(3000),
  EVERWAVE_URL: address,
  EVERWAVE_API_URL: address,
  TEMPORAL_UI_URL: address,
  EVERWAVE_TRUSTED_PROXIES: emptyIsAbsent(trustedProxiesSchema),
  EVERWAVE_CALLS_PER_MINUTE: perMinute(defaultLimits.callsPerMinute),
  EVERWAVE_ORG_CALLS_PER_MINUTE: perMinute(defaultLimits.orgCallsPerMinute),
  EVERWAVE_ANONYMOUS_PER_MINUTE: perMinute(defaultLimits.anonymousPerMinute),
  EVERWAVE_SIGN_INS_PER_MINUTE: perMinute(defaultLimits.signInsPerMinute),
  EVERWAVE_METRICS_TOKEN: emptyIsAbsent(metricsToken.optional()),
  EVERWAVE_SIGN_UP: emptyIsAbsent(z.enum(['open', 'closed']).default('closed')),
  EVERWAVE_ORG_CREATION: emptyIsAbsent(z.enum(['administrators', 'everybody']).default('administrators')),
  EVERWAVE_BREACHED_PASSWORDS_FILE: emptyIsAbsent(z.string().optional()),
  EVERWAVE_SMTP_HOST: emptyIsAbsent(z.string().max(253).optional()),
  EVERWAVE_SMTP_PORT: port(587),
  EVERWAVE_SMTP_SECURITY: emptyIsAbsent(z.enum(['starttls', 'tls', 'none']).default('starttls')),
  EVERWAVE_SMTP_USERNAME: emptyIsAbsent(z.string().max(320).optional()),
  EVERWAVE_SMTP_PASSWORD: emptyIsAbsent(z.string().optional()),
  EVERWAVE_SMTP_FROM: emptyIsAbsent(
    z.email({ error: 'Write the address that mails come from, such as everwave@example.com.' }).optional(),
  ),
  EVERWAVE_LOG_LEVEL: emptyIsAbsent(z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info')),
  EVERWAVE_DEMO: emptyIsAbsent(z.enum(['0', '1', 'true', 'false']).default('0')),
  EVERWAVE_DEMO_HOST: emptyIsAbsent(z.string().optional()),
  EVERWAVE_DEMO_SMTP_PORT: port(3004),
  EVERWAVE_DEMO_SLACK_PORT: port(3005),
  EVERWAVE_DEMO_HTTP_PORT: port(3006),
  EVERWAVE_DEMO_OPENAI_PORT: port(3007),
  EVERWAVE_DEMO_ANTHROPIC_PORT: port(3008),
  ...temporalVariables,
  ...secretKeyVariables,
  ...tracingVariables,
});

export interface Environment {
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly settings: Settings;
  readonly temporal: TemporalSettings;
  readonly masterKey: MasterKeySettings;
  /** True when traces are to be exported. */
  readonly isTracing: boolean;
  /** A file of hashes of passwords that are known from breaches, or null. */
  readonly breachedPasswordsFile: string | null;
  /** Takes the mails of Everwave itself; null: none is set. */
  readonly mailServer: MailServer | null;
  /** Where the demo's mail catcher and fakes are; null outside the demo. */
  readonly demo: {
    readonly host: string;
    readonly smtp: number;
    readonly slack: number;
    readonly http: number;
    readonly openai: number;
    readonly anthropic: number;
  } | null;
}

/** Throws one error that lists everything that is missing or wrong. */
export const parseEnvironment = (variables: NodeJS.ProcessEnv): Environment => {
  const parsed = variablesSchema.safeParse(variables);
  if (!parsed.success) throw wrong(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  const values = parsed.data;
  if (values.EVERWAVE_SMTP_HOST && !values.EVERWAVE_SMTP_FROM) {
    throw wrong(['EVERWAVE_SMTP_FROM: Write the address that mails come from, such as everwave@example.com.']);
  }
  const temporal = toTemporalSettings(values);
  const host = values.EVERWAVE_HOST;
  const isDemo = ['1', 'true'].includes(values.EVERWAVE_DEMO);
  const demo = isDemo ? toDemo(values, host) : null;
  return {
    databaseUrl: values.DATABASE_URL,
    host,
    port: values.EVERWAVE_API_PORT,
    logLevel: values.EVERWAVE_LOG_LEVEL,
    temporal,
    masterKey: toMasterKeySettings(values),
    isTracing: isTracing(values),
    settings: {
      version: '0.1.0',
      webUrl: values.EVERWAVE_URL ?? `http://${host}:${values.EVERWAVE_WEB_PORT}`,
      apiUrl: values.EVERWAVE_API_URL ?? `http://${host}:${values.EVERWAVE_API_PORT}`,
      temporalUiUrl: values.TEMPORAL_UI_URL ?? null,
      temporalNamespace: temporal.namespace,
      trustedProxies: values.EVERWAVE_TRUSTED_PROXIES,
      metricsToken: values.EVERWAVE_METRICS_TOKEN ?? null,
      isSignUpOpen: values.EVERWAVE_SIGN_UP === 'open',
      orgCreation: values.EVERWAVE_ORG_CREATION,
      limits: {
        ...defaultLimits,
        callsPerMinute: values.EVERWAVE_CALLS_PER_MINUTE,
        orgCallsPerMinute: values.EVERWAVE_ORG_CALLS_PER_MINUTE,
        anonymousPerMinute: values.EVERWAVE_ANONYMOUS_PER_MINUTE,
        signInsPerMinute: values.EVERWAVE_SIGN_INS_PER_MINUTE,
      },
    },
    breachedPasswordsFile: values.EVERWAVE_BREACHED_PASSWORDS_FILE ?? null,
    mailServer: toMailServer(values) ?? (demo && catcher(demo)),
    demo,
  };
};

type Variables = z.output<typeof variablesSchema>;

const wrong = (lines: readonly string[]): Error =>
  new Error(
    `The api cannot start; these settings are missing or wrong:\n${lines.map((line) => `  ${line}`).join('\n')}`,
  );

const toDemo = (values: Variables, host: string): NonNullable<Environment['demo']> => ({
  host: values.EVERWAVE_DEMO_HOST ?? host,
  smtp: values.EVERWAVE_DEMO_SMTP_PORT,
  slack: values.EVERWAVE_DEMO_SLACK_PORT,
  http: values.EVERWAVE_DEMO_HTTP_PORT,
  openai: values.EVERWAVE_DEMO_OPENAI_PORT,
  anthropic: values.EVERWAVE_DEMO_ANTHROPIC_PORT,
});

const toMailServer = (values: Variables): MailServer | null => {
  const { EVERWAVE_SMTP_HOST: host, EVERWAVE_SMTP_FROM: from } = values;
  if (!host || !from) return null;
  return {
    settings: {
      host,
      port: values.EVERWAVE_SMTP_PORT,
      security: values.EVERWAVE_SMTP_SECURITY,
      ...(values.EVERWAVE_SMTP_USERNAME ? { username: values.EVERWAVE_SMTP_USERNAME } : {}),
      from,
    },
    secret: values.EVERWAVE_SMTP_PASSWORD ? { password: values.EVERWAVE_SMTP_PASSWORD } : {},
  };
};

/** In the demo every mail ends in the catcher, where a person can read it. */
const catcher = ({ host, smtp }: NonNullable<Environment['demo']>): MailServer => ({
  settings: { host, port: smtp, security: 'none', from: 'everwave@example.com' },
  secret: {},
});

/** The process's environment. */
export const readEnvironment = (): Environment => parseEnvironment(process.env);
