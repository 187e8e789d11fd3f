import { createTemporalClient, type TemporalSettings } from '@everwave/temporal/client';
import { createDataConverter } from '@everwave/temporal/data-converter';
import type { KeyRing } from '@everwave/temporal/encryption';
import { taskQueues } from '@everwave/schema/run';
import { describeTaskQueues } from '@everwave/temporal/task-queues';
import {
  answerApproval,
  cancelRun,
  deliverEvent,
  migrateRun,
  probeConnection,
  repairRun,
  startHost,
  startRun,
} from '@everwave/temporal/runs';
import { listSchedules, nextTimes, putSchedule, removeSchedule, timesWithin } from '@everwave/temporal/schedules';
import type { TemporalPort } from './temporal-port.ts';

export interface ConnectedTemporal extends TemporalPort {
  close(): Promise<void>;
}

/** Milliseconds. A start that takes longer is repeated by the dispatcher. */
const deadlines = { start: 10_000, check: 2_000, cancel: 5_000, schedule: 5_000, list: 30_000 } as const;

/** Throws one sentence when the server cannot be reached. */
export const connectTemporal = async (settings: TemporalSettings, ring: KeyRing): Promise<ConnectedTemporal> => {
  const dataConverter = createDataConverter({ ring, withoutOrg: 'refuse' });
  const temporal = await createTemporalClient({ settings, dataConverter });
  const { client, connection } = temporal;
  const within = <T>(milliseconds: number, call: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + milliseconds, call);
  return {
    startRun: (input) => within(deadlines.start, () => startRun(client, input)),
    startHost: (input) => within(deadlines.start, () => startHost(client, input)),
    repairRun: (run, action, request) => repairRun(client, run, action, request),
    deliverEvent: (...delivery) => deliverEvent(client, ...delivery),
    answerApproval: (...answer) => answerApproval(client, ...answer),
    migrateRun: (run, request) => migrateRun(client, run, request),
    cancelRun: (run) => within(deadlines.cancel, () => cancelRun(client, run)),
    probe: (input) => probeConnection(client, input),
    putSchedule: (desired) => within(deadlines.schedule, () => putSchedule(client, desired)),
    removeSchedule: (schedule) => within(deadlines.schedule, () => removeSchedule(client, schedule)),
    listSchedules: () => within(deadlines.list, () => listSchedules(client)),
    nextTimes: (schedule) => within(deadlines.check, () => nextTimes(client, schedule)),
    timesWithin: (...span) => within(deadlines.schedule, () => timesWithin(client, ...span)),
    taskQueues: () =>
      within(deadlines.check, () => describeTaskQueues(client, settings.namespace, Object.values(taskQueues))),
    check: async () => {
      await connection.withDeadline(Date.now() + deadlines.check, () =>
        connection.workflowService.describeNamespace({ namespace: settings.namespace }),
      );
    },
    close: () => temporal.close(),
  };
};
