import { batchSchema, type Collect, debounceSchema, mostCollected } from './collect.ts';
import { toMilliseconds } from './duration.ts';
import type { GraphNode } from './graph.ts';

/** How a trigger of a drawing that has passed validation gathers deliveries; null when each starts a run. */
export const collectOf = ({ input }: Pick<GraphNode, 'input'>): Collect | null => {
  if (input['debounce'] !== undefined) {
    const { key = null, quietPeriod, maximumWait, payloads } = debounceSchema.parse(input['debounce']);
    return {
      key,
      quietPeriod: toMilliseconds(quietPeriod),
      maximumWait: toMilliseconds(maximumWait),
      size: mostCollected,
      payloads,
    };
  }
  if (input['batch'] === undefined) return null;
  const { key = null, size, maximumWait } = batchSchema.parse(input['batch']);
  return { key, quietPeriod: null, maximumWait: toMilliseconds(maximumWait), size, payloads: 'all' };
};
