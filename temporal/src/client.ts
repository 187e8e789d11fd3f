import { Client, Connection, type DataConverter } from '@temporalio/client';
import { toConnectionError, toConnectionOptions } from './connection-options.ts';
import type { TemporalSettings } from './env.ts';

export type { Client, Connection } from '@temporalio/client';
export type { TemporalSettings, TlsSettings } from './env.ts';

export interface TemporalClient {
  readonly client: Client;
  readonly connection: Connection;
  close(): Promise<void>;
}

export interface TemporalClientOptions {
  readonly settings: TemporalSettings;
  readonly dataConverter: DataConverter;
  /** Milliseconds until an unreachable server is an error. */
  readonly connectTimeout?: number;
}

/** A long run's history comes in one page of many megabytes; gRPC itself takes four. */
const channelArgs = { 'grpc.max_receive_message_length': 128 * 1024 * 1024 };

/** Throws one sentence that says why Temporal cannot be used and which setting to correct. */
export const connectToTemporal = async (settings: TemporalSettings, connectTimeout = 10_000): Promise<Connection> => {
  const { tls, ...options } = toConnectionOptions(settings);
  try {
    return await Connection.connect({ ...options, tls: tls || null, connectTimeout, channelArgs });
  } catch (error) {
    throw await toConnectionError(settings, error);
  }
};

export const createTemporalClient = async ({
  settings,
  dataConverter,
  connectTimeout,
}: TemporalClientOptions): Promise<TemporalClient> => {
  const connection = await connectToTemporal(settings, connectTimeout);
  const client = new Client({ connection, namespace: settings.namespace, dataConverter });
  return { client, connection, close: () => connection.close() };
};
