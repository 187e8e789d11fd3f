import type { MergeStep } from '../../flow/plan.ts';
import { failStep, succeedStep } from '../outcome.ts';
import { stopSteps } from '../scopes.ts';
import { stepAt } from '../turn.ts';
import type { Statement } from './statement.ts';

/**
 * Ready when each in-edge is taken or dead, so it waits for every branch that was taken and for no other; or as soon as
 * enough branches have arrived.
 */
export const merge: Statement<MergeStep> = {
  begin(turn, place, { policy }) {
    if (policy.join === 'all') return succeedStep(turn, place, null);
    const { takenEdges } = stepAt(turn, place);
    if (takenEdges < policy.count) {
      const message = `Only ${takenEdges} of the ${policy.count} branches that this merge waits for can arrive.`;
      return failStep(turn, place, { name: 'not_enough_branches', message });
    }
    succeedStep(turn, place, null);
    if (policy.others !== 'cancel') return;
    stopSteps(
      turn,
      policy.before.map((stepId) => ({ scope: place.scope, stepId })),
    );
  },
  portFor: () => 'out',
  expected: 'any value',
};
