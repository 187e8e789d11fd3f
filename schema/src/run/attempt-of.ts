import type { ActivityInput } from './contract.ts';

/**
 * The number of an attempt, from 1. A step that was asked to wait, or that left the express lane, is scheduled as another
 * activity, whose attempts Temporal counts anew: ours go on.
 */
export const attemptOf = (
  { attempt }: { readonly attempt: number },
  { attemptsBefore = 0 }: Pick<ActivityInput, 'attemptsBefore'>,
): number => attemptsBefore + attempt;
