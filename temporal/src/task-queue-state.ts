import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { TaskQueueType } = proto.temporal.api.enums.v1;

/** What Temporal knows about one task queue. */
export interface TaskQueueState {
  readonly queue: string;
  readonly kind: 'workflow' | 'activity';
  /** Tasks that wait for a worker; about. Sticky workflow tasks are not counted. */
  readonly backlog: number;
  /** Milliseconds for which the oldest of them has waited. */
  readonly oldestMs: number;
  readonly pollers: readonly Poller[];
}

/** A worker as Temporal has seen it. A poll is open for up to a minute, so a worker that died is listed for a while. */
export interface Poller {
  readonly identity: string;
  /** Unix ms. */
  readonly lastSeenAt: number;
}

const kinds = {
  workflow: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  activity: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
} as const;

/** Backlog and workers of these queues, for workflow and activity tasks. Throws when Temporal does not answer. */
export const describeTaskQueues = async (
  client: Client,
  namespace: string,
  queues: readonly string[],
): Promise<readonly TaskQueueState[]> => {
  const describe = async (queue: string, kind: keyof typeof kinds): Promise<TaskQueueState> => {
    const { stats, pollers } = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: queue },
      taskQueueType: kinds[kind],
      reportStats: true,
    });
    return {
      queue,
      kind,
      backlog: Number(stats?.approximateBacklogCount ?? 0),
      oldestMs: toMilliseconds(stats?.approximateBacklogAge),
      pollers: (pollers ?? []).map(({ identity, lastAccessTime }) => ({
        identity: identity ?? '',
        lastSeenAt: toMilliseconds(lastAccessTime),
      })),
    };
  };
  return Promise.all(queues.flatMap((queue) => [describe(queue, 'workflow'), describe(queue, 'activity')]));
};

const toMilliseconds = (
  time: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined,
): number => (time ? Number(time.seconds ?? 0) * 1_000 + Math.round((time.nanos ?? 0) / 1_000_000) : 0);
