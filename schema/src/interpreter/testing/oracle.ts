import type { Plan, PlanStep } from '../../flow/plan.ts';

/** How a test lets a step end, if it is reached. Conditions and switches say which way they go. */
export type Ending = { readonly ends: 'well' } | { readonly ends: 'badly' } | { readonly goes: string };

export interface Verdict {
  readonly status: 'succeeded' | 'skipped' | 'failed' | 'needs_attention' | 'pending';
  readonly output?: unknown;
}

/**
 * What must become of each step, said as plainly as possible and without looking at how the kernel does it: a step runs
 * when some edge into it is taken and none of them still hangs; an edge is taken when its source ended that way, dead
 * when its source ended otherwise or was left out, and hanging while its source hangs or waits for a person.
 */
export const foretell = (
  plan: Plan,
  fired: string,
  endings: { readonly [stepId: string]: Ending },
  outputOf: (step: PlanStep) => unknown,
): { readonly [stepId: string]: Verdict } => {
  const verdicts = new Map<string, Verdict & { readonly exit: string | null }>();

  const judge = (stepId: string): Verdict & { readonly exit: string | null } => {
    const known = verdicts.get(stepId);
    if (known) return known;
    const step = plan.steps[stepId];
    if (!step) throw new Error(`No step ${stepId}.`);
    const verdict = decide(step);
    verdicts.set(stepId, verdict);
    return verdict;
  };

  const decide = (step: PlanStep): Verdict & { readonly exit: string | null } => {
    if (step.type === 'trigger') {
      return step.id === fired ? { status: 'succeeded', exit: 'out' } : { status: 'skipped', exit: null };
    }
    const into = plan.edges.filter(({ to }) => to === step.id).map((edge) => ({ edge, source: judge(edge.from) }));
    if (into.some(({ source }) => source.status === 'pending' || source.status === 'needs_attention')) {
      return { status: 'pending', exit: null };
    }
    if (!into.some(({ edge, source }) => source.exit === edge.port)) return { status: 'skipped', exit: null };

    const ending = endings[step.id] ?? { ends: 'well' };
    if ('goes' in ending) return { status: 'succeeded', output: outputOf(step), exit: ending.goes };
    if (ending.ends === 'well') return { status: 'succeeded', output: outputOf(step), exit: 'out' };
    if (plan.edges.some(({ from, port }) => from === step.id && port === 'error'))
      return { status: 'failed', exit: 'error' };
    if (step.type === 'action' && step.onFailure === 'continue') return { status: 'failed', output: null, exit: 'out' };
    return { status: 'needs_attention', exit: null };
  };

  return Object.fromEntries(
    Object.keys(plan.steps).map((stepId) => {
      const { exit: _exit, ...verdict } = judge(stepId);
      return [stepId, verdict];
    }),
  );
};
