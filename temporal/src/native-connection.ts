import { NativeConnection } from '@temporalio/worker';
import { isLoopback, toConnectionError, toConnectionOptions } from './connection-options.ts';
import type { TemporalSettings } from './env.ts';

/** The worker's connection. Throws one sentence that says why Temporal cannot be used and which setting to correct. */
export const createNativeConnection = async (settings: TemporalSettings): Promise<NativeConnection> => {
  const { tls, ...options } = toConnectionOptions(settings);
  try {
    return await NativeConnection.connect({
      ...options,
      tls: tls || null,
      grpcCompression: { codec: isLoopback(settings.address) ? 'none' : 'gzip' },
    });
  } catch (error) {
    throw await toConnectionError(settings, error);
  }
};
