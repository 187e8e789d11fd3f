import type { ParallelStep } from '../../flow/plan.ts';
import { succeedStep } from '../outcome.ts';
import type { Statement } from './statement.ts';

/** Takes all its ways out at once. */
export const parallel: Statement<ParallelStep> = {
  begin: (turn, place) => succeedStep(turn, place, null),
  portFor: () => 'out',
  expected: 'any value',
};
