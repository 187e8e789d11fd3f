import type {
  AnswerRequest,
  EventDelivery,
  MigrateRequest,
  ProbeInput,
  ProbeResult,
  RepairRequest,
  RunFlowInput,
  RunHostInput,
} from '@everwave/schema/run';
import type {
  AnswerResult,
  EventResult,
  MigrateResult,
  RepairAction,
  RepairResult,
  RunAddress,
} from '@everwave/temporal/runs';
import type { DesiredSchedule, FoundSchedule, ScheduleAddress } from '@everwave/temporal/schedules';
import type { TaskQueueState } from '@everwave/temporal/task-queues';
import type { TemporalPort } from '../temporal-port.ts';

export interface StubTemporal extends TemporalPort {
  readonly started: RunFlowInput[];
  readonly hosts: RunHostInput[];
  readonly repairs: { run: RunAddress; action: RepairAction; request: RepairRequest }[];
  readonly delivered: { run: RunAddress; delivery: EventDelivery; deliveryId: string }[];
  readonly answers: { run: RunAddress; request: AnswerRequest }[];
  readonly cancelled: RunAddress[];
  readonly probes: ProbeInput[];
  /** By trigger. */
  readonly schedules: Map<string, DesiredSchedule>;
  /** What every schedule answers when it is asked for times. */
  times: readonly Date[];
  /** Set to have every call fail as an unreachable server does. */
  down: boolean;
  /** Called before a start is answered: what happens elsewhere meanwhile. */
  meanwhile: ((input: RunFlowInput) => Promise<void>) | null;
  meanwhileHost: ((input: RunHostInput) => Promise<void>) | null;
  /** True: the workflow was there already. */
  alreadyStarted: boolean;
  readonly migrations: { run: RunAddress; request: MigrateRequest }[];
  migrateResult: MigrateResult;
  repairResult: RepairResult;
  eventResult: EventResult;
  answerResult: AnswerResult;
  probeResult: ProbeResult;
  queues: readonly TaskQueueState[];
}

/** Stands for the Temporal server: remembers what it was asked and answers as told. */
export const createStubTemporal = (): StubTemporal => {
  const unreachable = (): void => {
    if (stub.down) throw new Error('14 UNAVAILABLE: No connection established');
  };
  const stub: StubTemporal = {
    started: [],
    hosts: [],
    repairs: [],
    delivered: [],
    answers: [],
    migrations: [],
    migrateResult: { ok: true, reply: { status: 'waiting', flowVersion: 2 } },
    cancelled: [],
    probes: [],
    schedules: new Map(),
    times: [],
    down: false,
    meanwhile: null,
    meanwhileHost: null,
    alreadyStarted: false,
    repairResult: { ok: true, reply: { status: 'running' } },
    eventResult: { ok: true, reply: { status: 'taken' } },
    answerResult: { ok: true, reply: { status: 'approved' } },
    probeResult: { ok: true, message: 'It works.' },
    queues: [],
    startRun: async (input) => {
      unreachable();
      await stub.meanwhile?.(input);
      stub.started.push(input);
      return { temporalRunId: stub.alreadyStarted ? null : `temporal-${input.runId}` };
    },
    startHost: async (input) => {
      unreachable();
      await stub.meanwhileHost?.(input);
      stub.hosts.push(input);
      return { temporalRunId: stub.alreadyStarted ? null : `temporal-${input.hostId}` };
    },
    repairRun: async (run, action, request) => {
      unreachable();
      stub.repairs.push({ run, action, request });
      return stub.repairResult;
    },
    deliverEvent: async (run, delivery, deliveryId) => {
      unreachable();
      stub.delivered.push({ run, delivery, deliveryId });
      return stub.eventResult;
    },
    answerApproval: async (run, request) => {
      unreachable();
      stub.answers.push({ run, request });
      return stub.answerResult;
    },
    migrateRun: async (run, request) => {
      unreachable();
      stub.migrations.push({ run, request });
      return stub.migrateResult;
    },
    cancelRun: async (run) => {
      unreachable();
      stub.cancelled.push(run);
      return 'requested';
    },
    probe: async (input) => {
      unreachable();
      stub.probes.push(input);
      return stub.probeResult;
    },
    putSchedule: async (desired) => {
      unreachable();
      stub.schedules.set(desired.triggerId, desired);
    },
    removeSchedule: async ({ triggerId }: ScheduleAddress) => {
      unreachable();
      stub.schedules.delete(triggerId);
    },
    listSchedules: async (): Promise<FoundSchedule[]> => {
      unreachable();
      return [...stub.schedules.values()];
    },
    nextTimes: async ({ triggerId }) => {
      unreachable();
      return stub.schedules.has(triggerId) ? stub.times : null;
    },
    timesWithin: async ({ triggerId }, { from, to }) => {
      unreachable();
      return stub.schedules.has(triggerId) ? stub.times.filter((time) => time >= from && time <= to) : null;
    },
    taskQueues: async () => {
      unreachable();
      return stub.queues;
    },
    check: async () => unreachable(),
  };
  return stub;
};
