import { expect, it } from 'vitest';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const plan = aPlan({
  steps: {
    first: { type: 'setVariables', variables: { a: 1, b: '{{ trigger.b }}' } },
    second: { type: 'setVariables', variables: { a: '{{ vars.b }}', b: '{{ vars.a }}' } },
    read: anAction({ input: '{{ vars }}' }),
  },
  edges: ['start -> first', 'first -> second', 'second -> read'],
});

it('sets all its variables at once: its expressions see them as they were before', async () => {
  const run = await startRun(plan, { b: [2] });
  expect(run.commands().at(-1)).toMatchObject({ input: { a: [2], b: 1 } });
});

it('sets none of them when one cannot be evaluated', async () => {
  const run = await startRun(plan, {});
  expect(run.state()).toMatchObject({ status: 'needs_attention', vars: {} });
});

it('is completed with a value for each of its variables, and no others', async () => {
  const run = await startRun(plan, {});
  for (const output of [null, [], {}, { a: 1 }, { a: 1, b: 2, c: 3 }]) {
    await run.repair({ action: 'completeStep', path: 'first', output });
    expect(run.statuses()).toMatchObject({ first: 'needs_attention' });
  }
  await run.repair({ action: 'completeStep', path: 'first', output: { a: 1, b: 2 } });
  expect(run.commands().at(-1)).toMatchObject({ input: { a: 2, b: 1 } });
});
