import type { SystemStatus } from '@everwave/schema/api';
import type { TaskQueueState } from '@everwave/temporal/task-queues';
import { measureMails, type MailBacklog } from '../../mail/measure-mails.ts';
import type { ServiceContext } from '../../context.ts';
import { withDeadline } from '../../with-deadline.ts';
import { checkReadiness } from './check-readiness.ts';
import { lagOf, measureBacklog } from './measure-backlog.ts';

const patience = 3_000;
/** Milliseconds after which a start that is due is late. */
const late = 60_000;

/** What an operator asks first: does everything answer, are there workers, and what waits. */
export const readSystemStatus = async (context: ServiceContext): Promise<SystemStatus> => {
  const { db, temporal, settings, caller } = context;
  const isMailSet = context.outbox.isSet;
  const [{ checks }, queues, backlog, mail] = await Promise.all([
    checkReadiness(context),
    orNull(temporal.taskQueues()),
    orNull(measureBacklog(db, caller.orgId)),
    orNull(measureMails(db)),
  ]);
  const workers = queues && toWorkers(queues);
  const waiting = backlog && {
    queuedRuns: backlog.runs['queued'] ?? 0,
    oldestQueuedMs: lagOf(backlog),
    pendingDeliveries: backlog.pending,
    heldDeliveries: backlog.held,
    collectingDeliveries: backlog.collecting,
    deadLetters: backlog.deadLetters,
  };
  const problems = [
    ...Object.values(checks).flatMap(({ message }) => message ?? []),
    ...(queues ? unservedQueues(queues) : []),
    ...(waiting && waiting.oldestQueuedMs > late ? ['Runs wait to be started for more than a minute.'] : []),
    ...(mail ? stuckMails(mail, isMailSet) : []),
  ];
  return {
    status: problems.length === 0 ? 'ok' : 'degraded',
    problems,
    version: settings.version,
    upSince: new Date(Date.now() - process.uptime() * 1_000).toISOString(),
    checks,
    workers,
    taskQueues:
      queues?.map(({ queue, kind, backlog: tasks, oldestMs, pollers }) => ({
        queue,
        kind,
        backlog: tasks,
        oldestMs,
        workers: new Set(pollers.map(({ identity }) => identity)).size,
      })) ?? null,
    mail: mail && { isSet: isMailSet, waiting: mail.waiting, oldestMs: mail.oldestMs, gaveUp: mail.gaveUp },
    backlog: waiting,
  };
};

/** Queues nobody serves, where that matters: every run needs `flow`, the others only what waits on them. */
const unservedQueues = (queues: readonly TaskQueueState[]): string[] => {
  const names = [...new Set(['flow', ...queues.map(({ queue }) => queue)])];
  return names.flatMap((name) => {
    const ofName = queues.filter(({ queue }) => queue === name);
    if (ofName.some(({ pollers }) => pollers.length > 0)) return [];
    if (name === 'flow') return ['No worker serves the queue "flow": runs are kept, and begin when one is back.'];
    const waiting = ofName.reduce((total, { backlog }) => total + backlog, 0);
    if (waiting === 0) return [];
    const steps = waiting === 1 ? 'a step waits' : `${waiting} steps wait`;
    return [
      `No worker serves the queue "${name}", and ${steps} there: start one with ${name} in EVERWAVE_WORKER_QUEUES.`,
    ];
  });
};

const stuckMails = ({ waiting, oldestMs, lastError }: MailBacklog, isSet: boolean): string[] => {
  if (waiting === 0) return [];
  const mails = waiting === 1 ? 'A mail waits' : `${waiting} mails wait`;
  if (!isSet) return [`${mails} to be sent, and no mail server is set: set EVERWAVE_SMTP_HOST.`];
  return oldestMs > late ? [`${mails} to be sent. ${lastError ?? ''}`.trim()] : [];
};

const orNull = <T>(asked: Promise<T>): Promise<T | null> => withDeadline(asked, patience).catch(() => null);

const toWorkers = (queues: readonly TaskQueueState[]): NonNullable<SystemStatus['workers']> => {
  const found = new Map<string, { queues: Set<string>; lastSeenAt: number }>();
  for (const { queue, pollers } of queues) {
    for (const { identity, lastSeenAt } of pollers) {
      const worker = found.get(identity) ?? { queues: new Set(), lastSeenAt: 0 };
      worker.queues.add(queue);
      worker.lastSeenAt = Math.max(worker.lastSeenAt, lastSeenAt);
      found.set(identity, worker);
    }
  }
  return [...found]
    .map(([identity, worker]) => ({
      identity,
      queues: [...worker.queues].toSorted(),
      lastSeenAt: new Date(worker.lastSeenAt).toISOString(),
    }))
    .toSorted((one, other) => one.identity.localeCompare(other.identity));
};
