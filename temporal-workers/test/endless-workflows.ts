import { sleep } from '@temporalio/workflow';

export async function quick(): Promise<string> {
  await sleep(1);
  return 'done';
}

export async function endlessLoop(): Promise<void> {
  await sleep(1);
  while (true);
}

export async function endlessPromises(): Promise<void> {
  await sleep(1);
  while (true) await Promise.resolve();
}
