import { trustedProxiesSchema } from '@everwave/schema/network';
import { metricsToken } from '@everwave/schema/observe';
import * as z from 'zod';

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const origin = z.url({ protocol: /^https?$/, error: 'Write a full address such as http://127.0.0.1:3000.' });
const emptyIsAbsent = (value: unknown) => (value === '' ? undefined : value);

const wildcards = new Set(['0.0.0.0', '::']);

const environmentSchema = z
  .object({
    EVERWAVE_HOST: z.preprocess(emptyIsAbsent, z.string().default('127.0.0.1')),
    EVERWAVE_WEB_PORT: z.preprocess(emptyIsAbsent, port(3000)),
    EVERWAVE_API_PORT: z.preprocess(emptyIsAbsent, port(3001)),
    EVERWAVE_URL: z.preprocess(emptyIsAbsent, origin.optional()),
    EVERWAVE_API_URL: z.preprocess(emptyIsAbsent, origin.optional()),
    EVERWAVE_API_INTERNAL_URL: z.preprocess(emptyIsAbsent, origin.optional()),
    EVERWAVE_TRUSTED_PROXIES: z.preprocess(emptyIsAbsent, trustedProxiesSchema),
    EVERWAVE_METRICS_TOKEN: z.preprocess(emptyIsAbsent, metricsToken.optional()),
    EVERWAVE_LOG_LEVEL: z.preprocess(
      emptyIsAbsent,
      z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    ),
  })
  .refine((values) => values.EVERWAVE_URL || !wildcards.has(values.EVERWAVE_HOST), {
    path: ['EVERWAVE_URL'],
    error:
      'The server listens on every address, so say under which one browsers will reach it, such as http://10.0.0.5:3000.',
  })
  .transform((values) => ({
    host: values.EVERWAVE_HOST,
    port: values.EVERWAVE_WEB_PORT,
    /** Where browsers reach this server. From configuration only, never from a request's headers. */
    publicUrl: new URL(values.EVERWAVE_URL ?? `http://${values.EVERWAVE_HOST}:${values.EVERWAVE_WEB_PORT}`),
    /** Where senders of webhooks reach the api. */
    apiPublicUrl: new URL(values.EVERWAVE_API_URL ?? `http://${values.EVERWAVE_HOST}:${values.EVERWAVE_API_PORT}`),
    /** Where this process reaches the api. */
    apiInternalUrl: new URL(values.EVERWAVE_API_INTERNAL_URL ?? `http://127.0.0.1:${values.EVERWAVE_API_PORT}`),
    /** Whose `X-Forwarded-For` is believed. */
    trustedProxies: values.EVERWAVE_TRUSTED_PROXIES,
    /** What a reader of `/metrics` must send; null lets this machine alone read them. */
    metricsToken: values.EVERWAVE_METRICS_TOKEN ?? null,
    logLevel: values.EVERWAVE_LOG_LEVEL,
  }));

export type Environment = z.infer<typeof environmentSchema>;

/** Throws one error that lists everything that is missing or wrong. */
export const parseEnvironment = (variables: NodeJS.ProcessEnv): Environment => {
  const parsed = environmentSchema.safeParse(variables);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The web cannot start; these settings are wrong:\n${lines.join('\n')}`);
};

let environment: Environment | undefined;

/** The process's environment, parsed once. */
export const env = (): Environment => {
  environment ??= parseEnvironment(process.env);
  return environment;
};
