import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { remember } from './remember.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('asks once for a thousand callers, at once and one after the other, until the time is over', async () => {
  let asked = 0;
  const ask = vi.fn(async () => (asked += 1));
  const state = remember(1_000, ask);
  expect(await Promise.all(Array.from({ length: 1_000 }, () => state()))).toEqual(Array(1_000).fill(1));
  for (let count = 0; count < 1_000; count += 1) expect(await state()).toBe(1);
  vi.advanceTimersByTime(1_001);
  expect(await state()).toBe(2);
  expect(ask).toHaveBeenCalledTimes(2);
});

it('counts from the answer, so that a slow one is not asked twice at once', async () => {
  const answer = Promise.withResolvers<number>();
  const ask = vi.fn(() => answer.promise);
  const state = remember(1_000, ask);
  const first = state();
  vi.advanceTimersByTime(5_000);
  const second = state();
  answer.resolve(7);
  expect(await Promise.all([first, second])).toEqual([7, 7]);
  expect(ask).toHaveBeenCalledOnce();
});

it('asks again after a failure', async () => {
  const ask = vi.fn<() => Promise<number>>().mockRejectedValueOnce(new Error('away')).mockResolvedValue(1);
  const state = remember(1_000, ask);
  await expect(state()).rejects.toThrow('away');
  await vi.advanceTimersByTimeAsync(1_001);
  expect(await state()).toBe(1);
});
