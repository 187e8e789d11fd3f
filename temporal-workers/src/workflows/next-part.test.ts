import { advance, createState } from '@everwave/schema/interpreter';
import type { RunFlowInput } from '@everwave/schema/run';
import { expect, it } from 'vitest';
import { anAction, aPlan } from '../../../schema/src/interpreter/testing/a-plan.ts';
import { withBatches } from '../../../schema/src/interpreter/testing/with-batches.ts';
import { toNextPart } from './next-part.ts';
import { createPartLimits } from './part-limits.ts';

it('a run that goes over as many items as there may be can go on in a new history', async () => {
  const plan = withBatches(
    aPlan({
      steps: {
        each: { type: 'forEach', items: '{{ trigger }}', concurrency: 100, onItemFailure: 'park', result: null },
        send: anAction({ activity: 'test.echo@1' }),
      },
      edges: ['start -> each'],
      frames: { each: ['send'] },
    }),
    200,
  );
  const trigger = Array.from({ length: 100_000 }, () => 0);
  const run = { id: 'run_1', url: '', flowName: 'Any', requestId: null };
  const { state } = await advance(plan, createState(plan), {
    type: 'started',
    at: 0,
    triggerStepId: 'start',
    trigger,
    run,
    seed: 1,
  });
  expect(Object.values(state.scopes)[0]?.steps['each']?.loop?.part).toEqual({ from: 800, count: 100_000 });
  const input: RunFlowInput = {
    engineVersion: 1,
    orgId: 'org_1',
    runId: run.id,
    rootRunId: run.id,
    plan,
    planHash: 'any',
    trigger: { stepId: 'start', kind: 'trigger.manual', data: trigger },
    run,
  };
  const nextPart = () => toNextPart(input, { snapshot: state, carried: { commands: [], repairs: [] } });
  expect(nextPart().snapshot?.trigger).toEqual(trigger);
  expect(nextPart().trigger.data).toBeNull();
  const limits = createPartLimits(input, nextPart);
  expect(limits.isDraining({ historyLength: 2_000, isSuggested: false })).toBe(true);
  expect(limits.maySwitch()).toBe(true);
});
