import { type MasterKeySettings } from '@everwave/temporal/encryption';
import {
  isTracing,
  secretKeyVariables,
  type TemporalSettings,
  temporalVariables,
  toMasterKeySettings,
  toTemporalSettings,
  tracingVariables,
} from '@everwave/temporal/env';
import { metricsToken } from '@everwave/schema/observe';
import * as z from 'zod';
import { parseQueues, type ServedQueue } from './queues.ts';
import { workerSettings } from './worker-settings.ts';

const port = z.coerce.number().int().min(0).max(65_535);

const variablesSchema = z.object({
  ...temporalVariables,
  ...secretKeyVariables,
  ...tracingVariables,
  DATABASE_URL: z.url({
    protocol: /^postgres(ql)?$/,
    error: 'Write a URL such as postgres://user@host:5432/everwave.',
  }),
  EVERWAVE_HOST: z.string().min(1).default('127.0.0.1'),
  EVERWAVE_WORKER_PORT: port.default(3002),
  EVERWAVE_URL: z.preprocess(
    (text) => (text === '' ? undefined : text),
    z
      .url({ protocol: /^https?$/, error: 'Write a full address such as http://127.0.0.1:3000.' })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
  ),
  EVERWAVE_EGRESS_ALLOW: z
    .string()
    .default('')
    .transform((list) =>
      list
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== ''),
    ),
  EVERWAVE_WORKER_QUEUES: z
    .string()
    .default('')
    .transform((text, context) => {
      try {
        return parseQueues(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
        return z.NEVER;
      }
    }),
  EVERWAVE_WORKER_DRAIN: z
    .preprocess((text) => (text === '' ? undefined : text), z.coerce.number().int().min(1).max(3_600).default(20))
    .transform((seconds): `${number}s` => `${seconds}s`),
  EVERWAVE_WORKER_CACHED_RUNS: z.preprocess(
    (text) => (text === '' ? undefined : text),
    z.coerce
      .number({ error: 'Write a number of runs, such as 500.' })
      .int({ error: 'Write a whole number of runs, such as 500.' })
      .min(workerSettings.maxConcurrentWorkflowTaskExecutions, {
        error: `A worker keeps at least ${workerSettings.maxConcurrentWorkflowTaskExecutions} runs: so many go on at once.`,
      })
      .max(100_000)
      .default(workerSettings.maxCachedWorkflows),
  ),
  EVERWAVE_VALUES_GRACE_DAYS: z
    .preprocess((text) => (text === '' ? undefined : text), z.coerce.number().int().min(1).max(3_650).default(7))
    .transform((days) => days * 86_400_000),
  EVERWAVE_METRICS_TOKEN: z.preprocess((text) => (text === '' ? undefined : text), metricsToken.optional()),
  EVERWAVE_MODELS_FILE: z
    .string()
    .default('')
    .transform((file) => file.trim() || null),
  EVERWAVE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export interface WorkerEnvironment {
  readonly databaseUrl: string;
  readonly temporal: TemporalSettings;
  readonly masterKeys: MasterKeySettings;
  /** How long running steps may go on after SIGTERM; what is not done by then is handed back. */
  readonly drainTime: `${number}s`;
  /** Runs that are kept in memory between their workflow tasks. */
  readonly cachedRuns: number;
  /** Milliseconds beyond their last use that values are kept which no run has any more. */
  readonly blobGrace: number;
  /** Where `/healthz`, `/readyz` and `/metrics` listen. */
  readonly host: string;
  readonly port: number;
  /** Public address of the web app, for links in alerts; without it they have none. */
  readonly webUrl: string | null;
  /** Exact `host:port` entries that activities may reach although they are private. */
  readonly egressAllow: readonly string[];
  /** null: the models file that comes with Everwave. */
  readonly modelsFile: string | null;
  /** Task queues that this worker serves. */
  readonly queues: readonly ServedQueue[];
  /** What a reader of `/metrics` must send; null lets this machine alone read them. */
  readonly metricsToken: string | null;
  /** True when traces are to be exported. */
  readonly isTracing: boolean;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** Throws one readable list of what is missing or wrong. */
export const readEnvironment = (variables: NodeJS.ProcessEnv = process.env): WorkerEnvironment => {
  const parsed = variablesSchema.safeParse(variables);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new Error(`The worker cannot start with these settings:\n${problems.join('\n')}`);
  }
  const { data } = parsed;
  return {
    databaseUrl: data.DATABASE_URL,
    temporal: toTemporalSettings(data),
    masterKeys: toMasterKeySettings(data),
    drainTime: data.EVERWAVE_WORKER_DRAIN,
    cachedRuns: data.EVERWAVE_WORKER_CACHED_RUNS,
    blobGrace: data.EVERWAVE_VALUES_GRACE_DAYS,
    host: data.EVERWAVE_HOST,
    port: data.EVERWAVE_WORKER_PORT,
    webUrl: data.EVERWAVE_URL ?? null,
    egressAllow: data.EVERWAVE_EGRESS_ALLOW,
    modelsFile: data.EVERWAVE_MODELS_FILE,
    queues: data.EVERWAVE_WORKER_QUEUES,
    metricsToken: data.EVERWAVE_METRICS_TOKEN ?? null,
    isTracing: isTracing(data),
    logLevel: data.EVERWAVE_LOG_LEVEL,
  };
};
