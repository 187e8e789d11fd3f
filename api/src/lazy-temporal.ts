import type { TemporalSettings } from '@everwave/temporal/env';
import type { KeyRing } from '@everwave/temporal/encryption';
import type { Logger } from '@everwave/temporal/logger';
import { type ConnectedTemporal, connectTemporal } from './connect-temporal.ts';

/**
 * Connects at the first call and, after a failure, at the next one: the API starts, takes deliveries and shows runs
 * while Temporal is away. Each call throws until there is a connection.
 */
export const createLazyTemporal = (settings: TemporalSettings, ring: KeyRing, log: Logger): ConnectedTemporal => {
  let connecting: Promise<ConnectedTemporal> | null = null;

  const connected = (): Promise<ConnectedTemporal> => {
    connecting ??= connectTemporal(settings, ring).then(
      (temporal) => {
        log.info('connected to Temporal', { address: settings.address, namespace: settings.namespace });
        return temporal;
      },
      (error: unknown) => {
        connecting = null;
        throw error;
      },
    );
    return connecting;
  };

  return {
    startRun: async (input) => (await connected()).startRun(input),
    startHost: async (input) => (await connected()).startHost(input),
    repairRun: async (...repair) => (await connected()).repairRun(...repair),
    deliverEvent: async (...delivery) => (await connected()).deliverEvent(...delivery),
    answerApproval: async (...answer) => (await connected()).answerApproval(...answer),
    migrateRun: async (...migration) => (await connected()).migrateRun(...migration),
    cancelRun: async (run) => (await connected()).cancelRun(run),
    probe: async (input) => (await connected()).probe(input),
    putSchedule: async (desired) => (await connected()).putSchedule(desired),
    removeSchedule: async (schedule) => (await connected()).removeSchedule(schedule),
    listSchedules: async () => (await connected()).listSchedules(),
    nextTimes: async (schedule) => (await connected()).nextTimes(schedule),
    timesWithin: async (...span) => (await connected()).timesWithin(...span),
    taskQueues: async () => (await connected()).taskQueues(),
    check: async () => (await connected()).check(),
    close: async () => {
      const temporal = await connecting?.catch(() => null);
      await temporal?.close();
    },
  };
};
