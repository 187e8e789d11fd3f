import type { MergeStep } from '../../flow/plan.ts';
import { succeedStep } from '../outcome.ts';
import type { Statement } from './statement.ts';

/** Ready when each in-edge is taken or dead, so it waits for every branch that was taken and for no other. */
export const merge: Statement<MergeStep> = {
  begin: (turn, place) => succeedStep(turn, place, null),
  portFor: () => 'out',
  expected: 'any value',
};
