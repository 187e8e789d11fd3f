import * as z from 'zod';
import type { MasterKeySettings } from './encryption/master-keys.ts';

/** An empty variable counts as not set, as in a `.env` file that lists names without values. */
const text = z
  .string()
  .trim()
  .transform((value) => (value === '' ? undefined : value))
  .optional();

const flag = z.enum(['true', 'false', '1', '0', ''], { error: 'Write true or false.' }).optional();

/** Variables that say where Temporal is. Spread into the schema of a process's own `env.ts`. */
export const temporalVariables = {
  TEMPORAL_ADDRESS: text,
  TEMPORAL_NAMESPACE: text,
  TEMPORAL_API_KEY: text,
  TEMPORAL_TLS: flag,
  TEMPORAL_TLS_CA_FILE: text,
  TEMPORAL_TLS_CERT_FILE: text,
  TEMPORAL_TLS_KEY_FILE: text,
  TEMPORAL_TLS_SERVER_NAME: text,
} as const;

/** Variables that hold the master key. */
export const secretKeyVariables = {
  EVERWAVE_SECRET_KEY: text,
  EVERWAVE_SECRET_KEY_FILE: text,
  EVERWAVE_SECRET_KEYS_PREVIOUS: text,
} as const;

/** The standard's own variables that turn tracing on; everything else about it is read by its exporter. */
export const tracingVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: text,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: text,
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(['', 'http/protobuf'], { error: 'Traces leave by http/protobuf only; point the endpoint at port 4318.' })
    .optional(),
} as const;

export interface TlsSettings {
  /** PEM file of the authority that signed the server's certificate; null trusts the ones of this machine. */
  readonly caFile: string | null;
  /** PEM files of our own certificate, where the server asks for one. */
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** The name in the server's certificate, where it is not the address's. */
  readonly serverName: string | null;
}

export interface TemporalSettings {
  /** host:port */
  readonly address: string;
  readonly namespace: string;
  readonly apiKey: string | null;
  /** null: without TLS. */
  readonly tls: TlsSettings | null;
}

type Parsed<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/** TLS is on when TEMPORAL_TLS says so, or when it says nothing and a certificate file or an API key is given. */
export const toTemporalSettings = (variables: Parsed<typeof temporalVariables>): TemporalSettings => {
  const tls: TlsSettings = {
    caFile: variables.TEMPORAL_TLS_CA_FILE ?? null,
    certFile: variables.TEMPORAL_TLS_CERT_FILE ?? null,
    keyFile: variables.TEMPORAL_TLS_KEY_FILE ?? null,
    serverName: variables.TEMPORAL_TLS_SERVER_NAME ?? null,
  };
  if ((tls.certFile === null) !== (tls.keyFile === null)) {
    throw new Error('TEMPORAL_TLS_CERT_FILE and TEMPORAL_TLS_KEY_FILE belong together: set both or neither.');
  }
  const apiKey = variables.TEMPORAL_API_KEY ?? null;
  const implied = apiKey !== null || Object.values(tls).some((value) => value !== null);
  const wanted = variables.TEMPORAL_TLS ? ['true', '1'].includes(variables.TEMPORAL_TLS) : implied;
  return {
    address: variables.TEMPORAL_ADDRESS ?? '127.0.0.1:7233',
    namespace: variables.TEMPORAL_NAMESPACE ?? 'everwave',
    apiKey,
    tls: wanted ? tls : null,
  };
};

/** True when traces are to be exported. */
export const isTracing = (variables: Parsed<typeof tracingVariables>): boolean =>
  (variables.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? variables.OTEL_EXPORTER_OTLP_ENDPOINT) !== undefined;

export const toMasterKeySettings = (variables: Parsed<typeof secretKeyVariables>): MasterKeySettings => ({
  secretKey: variables.EVERWAVE_SECRET_KEY,
  secretKeyFile: variables.EVERWAVE_SECRET_KEY_FILE,
  previous: variables.EVERWAVE_SECRET_KEYS_PREVIOUS?.split(',') ?? [],
});
