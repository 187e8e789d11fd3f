import { join } from 'node:path';
import { connectToTemporal } from '@everwave/temporal/client';
import { startDevServer, type DevServer } from '@everwave/temporal/dev-server';
import type { TemporalSettings } from '@everwave/temporal/env';
import { installTemporal } from '@everwave/temporal/install';
import { registerNamespaceAndSearchAttributes } from '@everwave/temporal/namespace';
import { Refusal } from '../lib/refusal.ts';
import type { Settings } from './env.ts';

export interface StartTemporalOptions {
  readonly settings: Settings;
  /** Where the server's own UI listens; `serveTemporalUi` shows it to browsers. */
  readonly uiPort: number;
  readonly codecEndpoint: string;
  readonly onLog: (line: string) => void;
}

/** Installs Temporal if need be; returns its program. */
export const findOrInstallTemporal = async (
  settings: Settings,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<string> => {
  const { toolsFolder, variables } = settings;
  try {
    const { binary } = await installTemporal({ toolsFolder, environment: variables, onProgress: say, signal });
    return binary;
  } catch (error) {
    throw new Refusal((error as Error).message, { cause: error });
  }
};

export const startOwnTemporal = (
  binary: string,
  { settings, uiPort, codecEndpoint, onLog }: StartTemporalOptions,
): Promise<DevServer> =>
  startDevServer({
    binary,
    host: '127.0.0.1',
    port: settings.ports.EVERWAVE_TEMPORAL_PORT,
    uiPort,
    databaseFile: join(settings.dataFolder, 'temporal.db'),
    namespace: settings.temporalNamespace,
    uiCodecEndpoint: codecEndpoint,
    onLog,
  }).catch((error: Error) => {
    throw new Refusal(error.message, { cause: error });
  });

/** Makes the namespace and the search attributes. Where the server refuses, says which commands a person must run. */
export const registerWithTemporal = async (temporal: TemporalSettings, retentionDays?: number): Promise<void> => {
  const { address, namespace } = temporal;
  const connection = await connectToTemporal(temporal).catch((error: Error) => {
    throw new Refusal(error.message, { cause: error });
  });
  try {
    const result = await registerNamespaceAndSearchAttributes({
      connection,
      address,
      namespace,
      ...(retentionDays === undefined ? {} : { retentionDays }),
    });
    if (result.ok) return;
    throw new Refusal(
      `Temporal at ${address} does not let Everwave make its namespace and search attributes (${result.reason}). Ask someone who may to run this, then start again:\n\n${result.commands.map((command) => `  ${command}`).join('\n')}`,
    );
  } finally {
    await connection.close();
  }
};
