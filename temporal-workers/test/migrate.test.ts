import { randomUUID } from 'node:crypto';
import type { Json, Plan } from '@everwave/schema/flow';
import { migrateRun, repairRun } from '@everwave/temporal/runs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan, type PlanDraft } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventNames, eventually, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';
import { comparable, dropProjection, reconcile } from './rebuild.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities });
});
afterAll(() => harness.close());

const by = { userId: 'user_1', name: 'Ada', role: 'operator' };
const echo = (input: Json = {}) => anAction({ activity: 'test.echo@1', input });
const risky = anAction({ activity: 'test.fail@1', options: retrying(1) });
const version = (flowVersion: number, draft: PlanDraft): Plan => ({ ...aPlan(draft), flowVersion });
const first = version(1, {
  steps: { first: echo('one'), risky, old: echo('old') },
  edges: ['start -> first', 'first -> risky', 'risky -> old'],
});
const second = version(2, {
  steps: { first: echo('one'), risky, renewed: echo('{{ steps.first.output.echoed }}'), beside: echo('beside') },
  edges: ['start -> first', 'first -> risky', 'risky -> renewed', 'first -> beside'],
});
const changed = version(2, {
  steps: { first: echo('another'), risky, renewed: echo() },
  edges: ['start -> first', 'first -> risky', 'risky -> renewed'],
});

const migrate = (run: RunUnderTest, plan: Plan, more: { isPreview?: true; requestId?: string } = {}) =>
  migrateRun(
    harness.client,
    { orgId: harness.orgId, runId: run.runId },
    { requestId: randomUUID(), by, plan, planHash: `hash ${plan.flowVersion}`, ...more },
  );
const complete = (run: RunUnderTest) =>
  repairRun(harness.client, { orgId: harness.orgId, runId: run.runId }, 'completeStep', {
    requestId: randomUUID(),
    by,
    path: 'risky',
    output: 1,
  });
const parked = async (plan = first, historyLimit?: number): Promise<RunUnderTest> => {
  const run = await harness.start(plan, historyLimit === undefined ? {} : { historyLimit });
  await untilStatus(run, 'needs_attention');
  return run;
};
const pathsOf = ({ runId }: RunUnderTest) => seen.calls.filter((call) => call.runId === runId).map(({ path }) => path);

describe('a run that waits', () => {
  it('goes on under a newer version, once, and its history gives back the same rows', async () => {
    const run = await parked();
    const before = await eventNames(run);
    expect(await migrate(run, second, { isPreview: true })).toEqual({ ok: true, reply: null });
    expect(await eventNames(run)).toEqual(before);
    const requestId = randomUUID();
    const answers = await Promise.all([migrate(run, second, { requestId }), migrate(run, second, { requestId })]);
    for (const answer of answers) expect(answer).toMatchObject({ ok: true, reply: { flowVersion: 2 } });
    expect(await migrate(run, second)).toMatchObject({ ok: false, reason: 'same_version' });
    await eventually(
      async () => (await run.projection()).run,
      ({ flowVersion, planHash }) => flowVersion === 2 && planHash === 'hash 2',
    );
    await complete(run);
    await run.result();
    expect(pathsOf(run).toSorted()).toEqual(['beside', 'first', 'renewed', 'risky']);
    const { typedSearchAttributes } = await run.handle.describe();
    expect(typedSearchAttributes.getAll()).toContainEqual(
      expect.objectContaining({ key: expect.objectContaining({ name: 'EverwaveFlowVersion' }), value: 2 }),
    );
    const written = await untilStatus(run, 'succeeded');
    await dropProjection(harness, run);
    expect(await reconcile(harness, run)).toBe('equal');
    expect(comparable(await run.projection())).toEqual(comparable(written));
  });

  it('is refused a version in which a step differs that has run, and says which', async () => {
    const run = await parked();
    const before = await eventNames(run);
    expect(await migrate(run, changed)).toMatchObject({
      ok: false,
      reason: 'step_changed',
      problems: [{ code: 'step_changed', stepId: 'first' }],
    });
    expect(await eventNames(run)).toEqual(before);
    await complete(run);
    await run.result();
    expect(pathsOf(run)).toEqual(['first', 'risky', 'old']);
  });

  it('keeps its version in a new history, and after a worker came back', async () => {
    const run = await parked(first, 16);
    await migrate(run, second);
    await harness.stopWorker();
    await harness.startWorker();
    await complete(run);
    await run.result();
    expect(pathsOf(run).toSorted()).toEqual(['beside', 'first', 'renewed', 'risky']);
    expect((await untilStatus(run, 'succeeded')).run).toMatchObject({ flowVersion: 2 });
  });

  it('goes on where it stands when the version arrives while a timer runs', async () => {
    const steps = { pause: { type: 'delay' as const, duration: '1s' as const } };
    const run = await harness.start(version(1, { steps, edges: ['start -> pause'] }));
    await untilStatus(run, 'waiting');
    const longer = version(2, {
      steps: { ...steps, after: echo('after') },
      edges: ['start -> pause', 'pause -> after'],
    });
    expect(await migrate(run, longer)).toMatchObject({ ok: true });
    await run.result();
    expect(pathsOf(run)).toEqual(['after']);
  });
});
