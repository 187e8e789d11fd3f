import type { UnservedQueues } from '@everwave/schema/api';
import type { TemporalPort } from '../../temporal-port.ts';
import { withDeadline } from '../../with-deadline.ts';

const patience = 3_000;

/** Queues that no worker polls, for workflows or for steps. None where Temporal does not say. */
export const readUnservedQueues = async (temporal: TemporalPort): Promise<UnservedQueues> => {
  const queues = await withDeadline(temporal.taskQueues(), patience).catch(() => []);
  const served = new Set(queues.filter(({ pollers }) => pollers.length > 0).map(({ queue }) => queue));
  return { items: [...new Set(queues.map(({ queue }) => queue))].filter((queue) => !served.has(queue)) };
};
