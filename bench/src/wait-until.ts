import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is yes. Throws a sentence when the time is over. */
export const waitUntil = async (
  what: string,
  isSo: () => Promise<boolean>,
  { within, every = 20 }: { readonly within: number; readonly every?: number },
): Promise<void> => {
  const end = performance.now() + within;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`After ${within / 1000} s ${what} has not come to pass.`);
    await sleep(every);
  }
};
