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
import { metricsToken } from '@everwave/schema/observe';
import * as z from 'zod';
import { defaultLimits, type Settings } from './settings.ts';

/** An empty variable counts as not set, as in a `.env` file that lists names without values. */
const emptyIsAbsent = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema);

const port = (fallback: number) => emptyIsAbsent(z.coerce.number().int().min(0).max(65_535).default(fallback));
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
  EVERWAVE_METRICS_TOKEN: emptyIsAbsent(metricsToken.optional()),
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
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new Error(`The api cannot start; these settings are missing or wrong:\n${lines.join('\n')}`);
  }
  const values = parsed.data;
  const temporal = toTemporalSettings(values);
  const host = values.EVERWAVE_HOST;
  const isDemo = ['1', 'true'].includes(values.EVERWAVE_DEMO);
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
      limits: defaultLimits,
    },
    demo: isDemo
      ? {
          host: values.EVERWAVE_DEMO_HOST ?? host,
          smtp: values.EVERWAVE_DEMO_SMTP_PORT,
          slack: values.EVERWAVE_DEMO_SLACK_PORT,
          http: values.EVERWAVE_DEMO_HTTP_PORT,
          openai: values.EVERWAVE_DEMO_OPENAI_PORT,
          anthropic: values.EVERWAVE_DEMO_ANTHROPIC_PORT,
        }
      : null,
  };
};

/** The process's environment. */
export const readEnvironment = (): Environment => parseEnvironment(process.env);
