import { expect, it } from 'vitest';
import { formatShare } from './numbers.ts';

it.each([
  [0, '0 %'],
  [1, '100 %'],
  [0.5, '50 %'],
  [0.9737, '97.4 %'],
  [0.99999, '99.9 %'],
  [0.00001, '0.1 %'],
])('%f is %s', (share, words) => {
  expect(formatShare(share)).toBe(words);
});
