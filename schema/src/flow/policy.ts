import type { NodeManifest } from '../node/manifest.ts';
import { toMilliseconds } from './duration.ts';
import type { GraphNode } from './graph.ts';
import type { ActionStep, Duration } from './plan.ts';

export type Policy = GraphNode['policy'];
type ActivityDefaults = NonNullable<NodeManifest['activity']>;

const bounds: {
  readonly [Field in Exclude<keyof Policy, 'maximumAttempts' | 'onFailure'>]: readonly [Duration, Duration];
} = {
  initialInterval: ['100ms', '1h'],
  maximumInterval: ['100ms', '1d'],
  startToCloseTimeout: ['1s', '1d'],
  scheduleToCloseTimeout: ['1s', '30d'],
};

/** The definition's own policy with the builder's changes. */
export const resolveActivityOptions = (defaults: ActivityDefaults, policy: Policy): ActionStep['options'] => ({
  taskQueue: defaults.taskQueue ?? 'flow',
  startToCloseTimeout: policy.startToCloseTimeout ?? defaults.startToCloseTimeout,
  scheduleToCloseTimeout: policy.scheduleToCloseTimeout ?? defaults.scheduleToCloseTimeout,
  ...(defaults.heartbeatTimeout && { heartbeatTimeout: defaults.heartbeatTimeout }),
  retry: {
    initialInterval: policy.initialInterval ?? defaults.retry.initialInterval,
    backoffCoefficient: 2,
    maximumInterval: policy.maximumInterval ?? defaults.retry.maximumInterval,
    maximumAttempts: policy.maximumAttempts ?? defaults.retry.maximumAttempts,
    nonRetryableErrorTypes: [...defaults.retry.nonRetryableErrorTypes],
  },
});

export interface PolicyProblem {
  readonly field: keyof Policy;
  readonly message: string;
}

/** What a builder may not do to a policy: leave the bounds, or make it contradict itself. */
export const checkPolicy = (defaults: ActivityDefaults, policy: Policy): readonly PolicyProblem[] => {
  const problems: PolicyProblem[] = [];
  for (const [field, [least, most]] of Object.entries(bounds) as [keyof typeof bounds, [Duration, Duration]][]) {
    const duration = policy[field];
    if (duration === undefined) continue;
    const value = toMilliseconds(duration);
    if (value < toMilliseconds(least) || value > toMilliseconds(most)) {
      problems.push({ field, message: `${field} must lie between ${least} and ${most}; it is ${duration}.` });
    }
  }
  if (problems.length > 0) return problems;

  const options = resolveActivityOptions(defaults, policy);
  const isLonger = (left: Duration, right: Duration) => toMilliseconds(left) > toMilliseconds(right);
  if (isLonger(options.retry.initialInterval, options.retry.maximumInterval)) {
    problems.push({
      field: policy.maximumInterval === undefined ? 'initialInterval' : 'maximumInterval',
      message: `The first wait between attempts (${options.retry.initialInterval}) is longer than the longest one (${options.retry.maximumInterval}).`,
    });
  }
  if (isLonger(options.startToCloseTimeout, options.scheduleToCloseTimeout)) {
    problems.push({
      field: policy.scheduleToCloseTimeout === undefined ? 'startToCloseTimeout' : 'scheduleToCloseTimeout',
      message: `One attempt (${options.startToCloseTimeout}) may take longer than all attempts together (${options.scheduleToCloseTimeout}).`,
    });
  }
  return problems;
};
