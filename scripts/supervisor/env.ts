import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import * as z from 'zod';
import {
  secretKeyVariables,
  temporalVariables,
  toTemporalSettings,
  type TemporalSettings,
} from '@everwave/temporal/env';
import { projectFolder, toolsFolder } from '../lib/folders.ts';
import { Refusal } from '../lib/refusal.ts';

const text = z.preprocess((value) => (value === '' ? undefined : value), z.string().trim().optional());
const port = (fallback: number) =>
  z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.coerce.number({ error: 'Write a port number.' }).int().min(0).max(65_535).default(fallback),
  );

/** Every port the product listens on, by the setting that moves it. 0 takes any free port. */
const ports = {
  EVERWAVE_WEB_PORT: port(3000),
  EVERWAVE_API_PORT: port(3001),
  EVERWAVE_WORKER_PORT: port(3002),
  EVERWAVE_DEMO_MAIL_PORT: port(3003),
  EVERWAVE_DEMO_SMTP_PORT: port(3004),
  EVERWAVE_DEMO_SLACK_PORT: port(3005),
  EVERWAVE_DEMO_HTTP_PORT: port(3006),
  EVERWAVE_DEMO_OPENAI_PORT: port(3007),
  EVERWAVE_DEMO_ANTHROPIC_PORT: port(3008),
  EVERWAVE_POSTGRES_PORT: port(5439),
  EVERWAVE_TEMPORAL_PORT: port(7233),
  EVERWAVE_TEMPORAL_UI_PORT: port(8233),
} as const;

export type PortName = keyof typeof ports;
export const portNames = Object.keys(ports) as PortName[];

const variablesSchema = z.object({
  ...ports,
  ...temporalVariables,
  ...secretKeyVariables,
  EVERWAVE_DATA: text,
  EVERWAVE_TOOLS: text,
  EVERWAVE_HOST: text,
  EVERWAVE_URL: text,
  EVERWAVE_API_URL: text,
  EVERWAVE_DEMO: z.enum(['0', '1', ''], { error: 'Write 1 or 0.' }).optional(),
  EVERWAVE_EGRESS_ALLOW: text,
  DATABASE_URL: text,
  TEMPORAL_UI_URL: text,
});

export interface Settings {
  readonly dataFolder: string;
  readonly toolsFolder: string;
  /** Address that web, api and demo listen on. Postgres and Temporal stay on loopback: they know no users. */
  readonly host: string;
  readonly ports: Readonly<Record<PortName, number>>;
  /** Public address of the web; null: made from host and port. */
  readonly url: string | null;
  readonly apiUrl: string | null;
  /** null: the embedded Postgres. */
  readonly databaseUrl: string | null;
  /** null: our own dev server. */
  readonly temporal: TemporalSettings | null;
  readonly temporalNamespace: string;
  readonly temporalUiUrl: string | null;
  /** The catcher for e-mail and the vendors' fakes; only beside embedded data. */
  readonly demo: boolean;
  readonly egressAllow: string | null;
  /** A key that the environment names; false: a file in the data folder. */
  readonly hasOwnSecretKey: boolean;
  /** Everything, for the processes that are started. */
  readonly variables: NodeJS.ProcessEnv;
}

/** The environment plus `.env`, which loses where both name a variable. */
export const readVariables = (environment: NodeJS.ProcessEnv, folder: string = projectFolder): NodeJS.ProcessEnv => {
  const file = join(folder, '.env');
  return existsSync(file) ? { ...parseEnv(readFileSync(file, 'utf8')), ...environment } : environment;
};

/** Throws one refusal that lists every setting that is wrong. */
export const parseSettings = (variables: NodeJS.ProcessEnv): Settings => {
  const parsed = variablesSchema.safeParse(variables);
  if (!parsed.success) throw wrong(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  const values = parsed.data;
  const chosen = Object.fromEntries(portNames.map((name) => [name, values[name]])) as Record<PortName, number>;
  const host = values.EVERWAVE_HOST ?? '127.0.0.1';
  if (['0.0.0.0', '::'].includes(host) && !values.EVERWAVE_URL) {
    throw wrong([
      `EVERWAVE_URL: ${host} means every address; say under which one browsers reach it, such as http://10.0.0.5:3000.`,
    ]);
  }
  return {
    dataFolder: resolve(projectFolder, values.EVERWAVE_DATA ?? '.everwave'),
    toolsFolder: toolsFolder({ EVERWAVE_TOOLS: values.EVERWAVE_TOOLS }),
    host,
    ports: distinct(chosen),
    url: values.EVERWAVE_URL ?? null,
    apiUrl: values.EVERWAVE_API_URL ?? null,
    databaseUrl: values.DATABASE_URL ?? null,
    temporal: values.TEMPORAL_ADDRESS ? toTemporal(values) : null,
    temporalNamespace: values.TEMPORAL_NAMESPACE ?? 'everwave',
    temporalUiUrl: values.TEMPORAL_UI_URL ?? null,
    demo: values.EVERWAVE_DEMO !== '0' && values.DATABASE_URL === undefined,
    egressAllow: values.EVERWAVE_EGRESS_ALLOW ?? null,
    hasOwnSecretKey: Boolean(values.EVERWAVE_SECRET_KEY ?? values.EVERWAVE_SECRET_KEY_FILE),
    variables,
  };
};

const wrong = (lines: readonly string[]): Refusal =>
  new Refusal(`Everwave cannot start; these settings are wrong:\n${lines.map((line) => `  ${line}`).join('\n')}`);

const toTemporal = (values: z.output<typeof variablesSchema>): TemporalSettings => {
  try {
    return toTemporalSettings(values);
  } catch (error) {
    throw wrong([error instanceof Error ? error.message : String(error)]);
  }
};

const distinct = (chosen: Record<PortName, number>): Record<PortName, number> => {
  for (const [index, name] of portNames.entries()) {
    const earlier = portNames.slice(0, index).find((other) => chosen[other] === chosen[name] && chosen[name] !== 0);
    if (earlier) throw wrong([`${name}: port ${chosen[name]} is also ${earlier}.`]);
  }
  return chosen;
};
