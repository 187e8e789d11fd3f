import { expect, it } from 'vitest';
import type { Condition, Json } from '../../flow/plan.ts';
import { aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const decide = async (condition: Condition, trigger: Json): Promise<string> => {
  const run = await startRun(
    aPlan({
      steps: { check: { type: 'condition', condition }, yes: { type: 'parallel' }, no: { type: 'parallel' } },
      edges: ['start -> check', 'check:true -> yes', 'check:false -> no'],
    }),
    trigger,
  );
  const { check, yes, no } = run.statuses();
  if (check !== 'succeeded') return check ?? '';
  expect({ yes, no }).toEqual(
    yes === 'succeeded' ? { yes: 'succeeded', no: 'skipped' } : { yes: 'skipped', no: 'succeeded' },
  );
  return yes === 'succeeded' ? 'true' : 'false';
};

const gold: Condition = { left: '{{ trigger.tier }}', operator: 'equals', right: 'gold' };
const large: Condition = { left: '{{ trigger.total }}', operator: 'greaterThan', right: '100' };

it.each<[Condition, Json, string]>([
  [gold, { tier: 'gold' }, 'true'],
  [gold, { tier: 'tin' }, 'false'],
  [gold, {}, 'false'],
  [{ all: [gold, large] }, { tier: 'gold', total: 129.9 }, 'true'],
  [{ all: [gold, large] }, { tier: 'gold', total: 99 }, 'false'],
  [{ all: [gold, large] }, { tier: 'tin', total: 129.9 }, 'false'],
  [{ any: [gold, large] }, { tier: 'tin', total: 129.9 }, 'true'],
  [{ any: [gold, large] }, {}, 'false'],
  [{ not: { any: [gold, large] } }, {}, 'true'],
  [{ left: '{{ trigger.n }}', operator: 'equals', right: '5' }, { n: 5 }, 'true'],
  [{ left: '{{ trigger.yes }}', operator: 'equals', right: 'true' }, { yes: true }, 'true'],
  [{ left: '{{ trigger.list }}', operator: 'equals', right: [1, { a: '2' }] }, { list: [1, { a: 2 }] }, 'true'],
  [{ left: '{{ trigger.n }}', operator: 'notEquals', right: 5 }, {}, 'true'],
  [{ left: '{{ trigger.n }}', operator: 'greaterOrEqual', right: 5 }, { n: '5' }, 'true'],
  [{ left: '{{ trigger.n }}', operator: 'lessThan', right: 10 }, { n: '9' }, 'true'],
  [{ left: '{{ trigger.n }}', operator: 'lessOrEqual', right: 10 }, {}, 'false'],
  [{ left: '{{ trigger.day }}', operator: 'lessThan', right: '2026-02-01' }, { day: '2026-01-31' }, 'true'],
  [{ left: '{{ trigger.list }}', operator: 'contains', right: 'b' }, { list: ['a', 'b'] }, 'true'],
  [{ left: '{{ trigger.text }}', operator: 'contains', right: 'ell' }, { text: 'Hello' }, 'true'],
  [{ left: '{{ trigger.text }}', operator: 'startsWith', right: 'He' }, { text: 'Hello' }, 'true'],
  [{ left: '{{ trigger.text }}', operator: 'endsWith', right: 'lo' }, { text: 'Hello' }, 'true'],
  [{ left: '{{ trigger.text }}', operator: 'matches', right: '^H.*o$' }, { text: 'Hello' }, 'true'],
  [{ left: '{{ trigger.text }}', operator: 'exists' }, { text: '' }, 'true'],
  [{ left: '{{ trigger.text }}', operator: 'exists' }, { text: null }, 'false'],
  [{ left: '{{ trigger.text }}', operator: 'notExists' }, {}, 'true'],
  [{ left: '{{ trigger.yes }}', operator: 'isTrue' }, { yes: true }, 'true'],
  [{ left: '{{ trigger.yes }}', operator: 'isFalse' }, { yes: true }, 'false'],
  // No answer: the step parks instead of guessing.
  [{ left: '{{ trigger.list }}', operator: 'greaterThan', right: 1 }, { list: [] }, 'needs_attention'],
  [{ left: '{{ trigger.text }}', operator: 'matches', right: '(?=x)' }, { text: 'x' }, 'needs_attention'],
  [{ left: '{{ 1/0 }}', operator: 'equals', right: 1 }, {}, 'needs_attention'],
])('%j of %j is %s', async (condition, trigger, expected) => {
  expect(await decide(condition, trigger)).toBe(expected);
});

it('does not look at what comes after the answer', async () => {
  const broken: Condition = { left: '{{ $error("looked") }}', operator: 'isTrue' };
  expect(await decide({ any: [gold, broken] }, { tier: 'gold' })).toBe('true');
  expect(await decide({ all: [gold, broken] }, {})).toBe('false');
});

it('parks where it cannot decide, even under the policy continue', async () => {
  const plan = aPlan({
    steps: {
      check: { type: 'condition', condition: { left: '{{ $error("no") }}', operator: 'isTrue' } },
      yes: { type: 'parallel' },
    },
    edges: ['start -> check', 'check:true -> yes'],
    onFailure: 'continue',
  });
  const run = await startRun(plan);
  expect(run.statuses()).toMatchObject({ check: 'needs_attention', yes: 'pending' });
  expect(run.state().scopes['root']?.steps['check']?.failure?.message).toContain('condition.left: at character');
});
