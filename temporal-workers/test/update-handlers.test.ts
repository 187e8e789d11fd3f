import { randomUUIDv7 } from 'node:crypto';
import { toId, workflowIdOf } from '@everwave/schema/ids';
import {
  approvalUpdate,
  eventUpdate,
  migrateUpdate,
  repairUpdates,
  supersedeUpdate,
  taskQueues,
} from '@everwave/schema/run';
import { migrateRun, repairRun } from '@everwave/temporal/runs';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventNames, eventually, type Harness, untilStatus } from './harness.ts';
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

it('a run whose workflow task fails again and again refuses a repair by name: Temporal itself is there', async () => {
  const runId = toId('run', randomUUIDv7());
  const handle = await harness.client.workflow.start('aWorkflowThatNoWorkerHas', {
    workflowId: workflowIdOf(harness.orgId, runId),
    taskQueue: taskQueues.flow,
  });
  await eventually(
    async () => (await handle.describe()).raw.pendingWorkflowTask?.attempt ?? 0,
    (attempt) => attempt >= 3,
  );
  const address = { orgId: harness.orgId, runId };
  const by = { userId: 'user_1', name: 'Ada', role: 'operator' };
  expect(await repairRun(harness.client, address, 'retryStep', { requestId: 'r', path: 'a', by })).toMatchObject({
    ok: false,
    reason: 'run_stuck',
    message: expect.stringContaining('Temporal UI'),
  });
  const request = { requestId: 'r', by, plan: aPlan({ steps: {}, edges: [] }), planHash: 'x' };
  expect(await migrateRun(harness.client, address, request)).toMatchObject({ ok: false, reason: 'run_stuck' });
  await handle.terminate();
});
