import { condition } from '@temporalio/workflow';
import { createTimer } from './timer.ts';

/** Waits until Temporal gives us another workflow task, and all that came with it has been delivered. */
export const nextTask = async (): Promise<void> => {
  let isNext = false;
  createTimer(1, 'Continue', () => {
    isNext = true;
  });
  await condition(() => isNext);
};
