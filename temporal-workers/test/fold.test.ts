import { closedRunStatuses } from '@everwave/schema/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventually, type Harness, untilStatus } from './harness.ts';
import { comparable, dropProjection, reconcile } from './rebuild.ts';
import { hostScenarios, scenarios, startScenario } from './scenarios.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities: createFakeActivities().activities });
});
afterAll(() => harness.close());

describe('folding a history gives the rows that the worker wrote', () => {
  it.each(Object.entries(scenarios))('%s', async (_name, scenario) => {
    const run = await startScenario(scenario, harness);
    await scenario.drive?.(run, harness);
    await run.result().catch(() => 'some scenarios fail or are cancelled');
    const written = await eventually(
      () => run.projection(),
      ({ run: row }) => (closedRunStatuses as readonly string[]).includes(row.status),
    );
    await dropProjection(harness, run);
    expect(await reconcile(harness, run)).toBe('equal');
    expect(comparable(await run.projection())).toEqual(comparable(written));
  });

  it.each(Object.entries(hostScenarios))(
    '%s',
    async (_name, { plan, triggers }) => {
      const host = await harness.startHost(plan, triggers);
      await host.result();
      for (const run of host.runs) {
        const written = await untilStatus(run, 'succeeded');
        await dropProjection(harness, run);
        expect(await reconcile(harness, run)).toBe('equal');
        expect(comparable(await run.projection())).toEqual(comparable(written));
      }
    },
    60_000,
  );
});
