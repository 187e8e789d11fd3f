import type { Issue } from '../issue.ts';
import type { Duration } from '../plan.ts';
import { toMilliseconds } from '../duration.ts';
import type { PlacedNode } from './graph-index.ts';

/** What is wrong with one field of a node. */
export const fieldIssue =
  ({ node, index }: PlacedNode) =>
  (field: string, code: string, message: string): Issue => ({
    severity: 'error',
    code,
    message,
    path: `nodes[${index}].input.${field}`,
    nodeId: node.id,
    field,
  });

/** Why a duration cannot be that; null when it lies within the bounds. */
export const durationProblem = (
  name: string,
  duration: Duration,
  [least, most]: readonly [Duration, Duration],
): string | null => {
  const value = toMilliseconds(duration);
  if (value >= toMilliseconds(least) && value <= toMilliseconds(most)) return null;
  return `${name} must lie between ${least} and ${most}; it is ${duration}.`;
};
