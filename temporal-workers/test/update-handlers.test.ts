import { approvalUpdate, eventUpdate, migrateUpdate, repairUpdates, supersedeUpdate } from '@everwave/schema/run';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventNames, type Harness, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await createHarness({ activities: createFakeActivities().activities });
});
afterAll(() => harness.close());

/** Sealed with the org's key, so that nothing but the handlers' own checks stands in the way. */
const nonsense = [
  null,
  7,
  'text',
  [],
  {},
  { requestId: 1, by: null },
  { requestId: 'r', path: {}, plan: [], seq: 'x' },
];

it('whatever an update brings, it is refused by name and no workflow task fails', async () => {
  const run = await harness.start(
    aPlan({
      steps: {
        risky: anAction({ activity: 'test.fail@1', options: retrying(1) }),
        done: { type: 'return', output: 'well' },
      },
      edges: ['start -> risky', 'risky -> done'],
    }),
  );
  await untilStatus(run, 'needs_attention');
  for (const name of [...repairUpdates, eventUpdate, approvalUpdate, supersedeUpdate, migrateUpdate]) {
    for (const message of nonsense) {
      const refused = await run.handle.executeUpdate(name, { args: [message] }).catch((error: unknown) => error);
      const said = `${name} ${JSON.stringify(message)}`;
      expect(refused, said).toBeInstanceOf(WorkflowUpdateFailedError);
      const { cause } = refused as WorkflowUpdateFailedError;
      expect(cause, said).toBeInstanceOf(ApplicationFailure);
      expect((cause as ApplicationFailure).type, said).toMatch(/^[a-z_]+$/);
    }
  }
  expect(await eventNames(run)).not.toContain('workflowTaskFailed');
  await run.handle.executeUpdate('completeStep', {
    args: [
      { requestId: 'by-hand', path: 'risky', output: null, by: { userId: 'user_1', name: 'Ada', role: 'operator' } },
    ],
  });
  expect(await run.result()).toEqual({ status: 'succeeded', output: 'well' });
});
