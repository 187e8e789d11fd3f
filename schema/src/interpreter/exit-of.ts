import type { Plan, PlanStep } from '../flow/plan.ts';
import type { StepState } from './state.ts';
import { statementOf } from './statements/statements.ts';

/** Which way out a step took: a port, or null when all behind it is dead. */
export interface Exit {
  readonly port: string | null;
}

type Ended = Pick<StepState, 'status' | 'output' | 'failure'>;

/**
 * The way out that a step has taken, read from how it ended. Null for one that has not ended by itself: it is under way,
 * was stopped, or failed without anything that takes the failure. What no branch led to has no exit either: edges say so.
 */
export const exitOf = (plan: Plan, step: PlanStep, { status, output, failure }: Ended): Exit | null => {
  switch (status) {
    case 'succeeded':
    case 'simulated':
      if (output === undefined || step.type === 'setVariables') return { port: 'out' };
      return { port: statementOf(step).portFor(step, output) };
    case 'skipped':
      // Only who waited for a person, and was skipped by one, has failed before.
      return failure ? { port: null } : null;
    case 'failed': {
      if (output === null) return { port: 'out' };
      const ports = step.outgoing.map((index) => plan.edges[index]?.port);
      if (step.type === 'try' && !(failure?.name === 'expression_failed' && ports.includes('error'))) {
        return { port: 'caught' };
      }
      return ports.includes('error') ? { port: 'error' } : null;
    }
    case 'pending':
    case 'running':
    case 'retrying':
    case 'waiting':
    case 'needs_attention':
    case 'cancelled':
      return null;
  }
};
