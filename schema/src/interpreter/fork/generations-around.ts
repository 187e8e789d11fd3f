import type { StepTransition } from '../command.ts';
import { ownerOf, pathOf, type Place } from '../place.ts';
import type { RunState } from '../state.ts';
import { findStep, planStepAt } from '../turn.ts';
import type { Part } from './fork-part.ts';

/**
 * Should a frame around the fork be begun again, what is in it is the effect that it was: what stands as in the run before,
 * what runs again as the fork's. By itself a frame gives its own generation to all of it. What stands although it was
 * undone is a new effect then.
 */
export const generationsAround = (
  { turn, restoring: { reach, order, covers, isAgain, undone } }: Part,
  rows: readonly StepTransition[],
): NonNullable<RunState['edited']> => {
  const chain = [...reach.chain].map(([scope, { stepId }]): Place => ({ scope, stepId }));
  // The iterations of a `while` begin with the fork's generation, and so would those before it.
  const loops = chain
    .slice(1)
    .filter((place) => covers(pathOf(place)) && planStepAt(turn, place).type === 'while')
    .map(pathOf);
  const generations: { [path: string]: { readonly generation: number } } = {};
  for (const { path, generation = 1 } of rows) {
    const isInLoop = loops.some((loop) => path.startsWith(`${loop}[`));
    if (isInLoop && !isAgain(path)) generations[path] = { generation };
  }
  for (const { scope } of chain) {
    const owner = ownerOf(scope);
    for (const stepId of owner ? (turn.plan.regions[owner.stepId]?.steps ?? []) : []) {
      const place = { scope, stepId };
      const generation = loops.includes(pathOf(place)) ? order.generation : findStep(turn, place)?.generation;
      if (generation !== undefined) generations[pathOf(place)] = { generation };
    }
  }
  for (const path of undone) delete generations[path];
  return generations;
};
