import { expect, it } from 'vitest';
import type { Json } from '../../flow/plan.ts';
import { aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const plan = aPlan({
  steps: {
    route: {
      type: 'switch',
      value: '{{ trigger.country }}',
      cases: [
        { port: 'de', equals: 'DE' },
        { port: 'home', equals: '{{ trigger.home }}' },
        { port: 'again', equals: 'DE' },
      ],
    },
    de: { type: 'parallel' },
    home: { type: 'parallel' },
    again: { type: 'parallel' },
    other: { type: 'parallel' },
  },
  edges: ['start -> route', 'route:de -> de', 'route:home -> home', 'route:again -> again', 'route:default -> other'],
});

const routeOf = async (trigger: Json): Promise<readonly string[]> => {
  const statuses = (await startRun(plan, trigger)).statuses();
  return ['de', 'home', 'again', 'other'].filter((id) => statuses[id] === 'succeeded');
};

it.each<[Json, string]>([
  [{ country: 'DE', home: 'DE' }, 'de'],
  [{ country: 'FR', home: 'FR' }, 'home'],
  [{ country: 'IT', home: 'FR' }, 'other'],
  [{}, 'other'],
])('%j goes to %s', async (trigger, way) => {
  // A missing value equals nothing, not even a missing value of a case.
  expect(await routeOf(trigger)).toEqual([way]);
});
