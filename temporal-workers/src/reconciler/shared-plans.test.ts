import type { RunFlowInput } from '@everwave/schema/run';
import { expect, it } from 'vitest';
import { anAction, aPlan } from '../../../schema/src/interpreter/testing/a-plan.ts';
import { withSharedPlan } from './shared-plans.ts';

const inputWith = (word: string, runId: string): RunFlowInput => {
  const plan = aPlan({ steps: { first: anAction({ input: { word } }) }, edges: ['start -> first'] });
  return { runId, planHash: 'same', plan } as RunFlowInput;
};

it('gives runs of equal plans one plan, and keeps everything else', () => {
  const one = withSharedPlan(inputWith('a', 'run_1'));
  const other = withSharedPlan(inputWith('a', 'run_2'));
  expect(other.plan).toBe(one.plan);
  expect([one.runId, other.runId]).toEqual(['run_1', 'run_2']);
});

it('never mixes up plans that differ, whatever their hash says', () => {
  const one = withSharedPlan(inputWith('b', 'run_1'));
  const other = withSharedPlan(inputWith('c', 'run_2'));
  expect(other.plan).not.toBe(one.plan);
  expect(other).toEqual(inputWith('c', 'run_2'));
});

it('keeps no more than a few plans', () => {
  const first = withSharedPlan(inputWith('first', 'run_1'));
  for (let index = 0; index < 60; index += 1) withSharedPlan(inputWith(`plan ${index}`, 'run_2'));
  expect(withSharedPlan(inputWith('first', 'run_3')).plan).not.toBe(first.plan);
});
