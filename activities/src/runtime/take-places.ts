import { setTimeout as sleep } from 'node:timers/promises';
import { limitSubjects } from '@everwave/schema/run';
import { NoPlace } from './node-errors.ts';
import type { FullLimit, LimitedStep, SetLimit, StepLimitStore } from './ports.ts';
import { longestWaitInsideMs } from './rate-limit.ts';

/**
 * Has the step begin only where every limit has a place for it. A short wait is spent here; a longer one gives the
 * worker's slot back and throws `NoPlace`. Returns what gives the places back.
 */
export const takePlaces = async (
  store: StepLimitStore,
  step: LimitedStep,
  signal: AbortSignal,
): Promise<() => Promise<void>> => {
  const limits = await store.find(step);
  if (limits.length === 0) return () => Promise.resolve();
  let waited = 0;
  for (;;) {
    const full = await store.take(step, limits);
    if (full === null) return () => store.release(step);
    if (waited + full.waitMs > longestWaitInsideMs) throw new NoPlace(inWords(full, step, limits), full.waitMs);
    waited += full.waitMs;
    await sleep(full.waitMs, undefined, { signal });
  }
};

const inWords = ({ subject, before }: FullLimit, step: LimitedStep, limits: readonly SetLimit[]): string => {
  const limit = limits.find((each) => each.subject === subject);
  const bounds = [
    ...(limit?.atOnce ? [`${limit.atOnce} at once`] : []),
    ...(limit?.rate ? [`${limit.rate.count} in ${limit.rate.seconds} s`] : []),
  ];
  return `Waits for a free place of ${nameOf(subject, step)} (${bounds.join(', ')}): ${before} before it.`;
};

const nameOf = (subject: string, { flowId, nodeId, connectionId }: LimitedStep): string => {
  switch (subject) {
    case connectionId:
      return 'its connection';
    case limitSubjects.node(flowId, nodeId):
      return `the step “${nodeId}”`;
    case limitSubjects.flow(flowId):
      return 'its flow';
    default:
      return 'the organisation';
  }
};
