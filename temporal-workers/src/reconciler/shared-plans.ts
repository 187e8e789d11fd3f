import { createHash } from 'node:crypto';
import type { Plan } from '@everwave/schema/flow';
import type { RunFlowInput } from '@everwave/schema/run';

/** Plans that are kept, by their content. Runs that end close together are mostly runs of a few flows. */
const capacity = 50;
const known = new Map<string, Plan>();

/** The input with the same plan object as other runs of that plan: the kernel compiles a plan's expressions once per object. */
export const withSharedPlan = (input: RunFlowInput): RunFlowInput => {
  const key = createHash('sha256').update(JSON.stringify(input.plan)).digest('base64');
  const plan = known.get(key) ?? input.plan;
  known.delete(key);
  known.set(key, plan);
  const [oldest] = known.keys();
  if (known.size > capacity && oldest !== undefined) known.delete(oldest);
  return { ...input, plan };
};
