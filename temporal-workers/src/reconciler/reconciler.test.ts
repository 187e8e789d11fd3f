import { expect, it } from 'vitest';
import { reconcileSettings } from './reconcile.ts';
import { runsPerRound } from './reconciler.ts';

it('compares fewer runs while the worker is busy, and never none', () => {
  expect([0, 0.3, 0.5].map(runsPerRound)).toEqual(Array.from({ length: 3 }, () => reconcileSettings.limit));
  expect([0.51, 0.9, 1].map(runsPerRound)).toEqual([5, 5, 5]);
});
