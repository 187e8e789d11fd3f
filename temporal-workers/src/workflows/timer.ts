import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/** A timer of Temporal's that can be cancelled, and then says nothing. */
export const createTimer = (
  milliseconds: number,
  summary: string,
  fired: () => void,
): { readonly cancel: () => void } => {
  const scope = new CancellationScope();
  const wait = async () => {
    try {
      await scope.run(() => sleep(milliseconds, { summary }));
    } catch (error) {
      if (isCancellation(error)) return;
      throw error;
    }
    fired();
  };
  void wait();
  return { cancel: () => scope.cancel() };
};
