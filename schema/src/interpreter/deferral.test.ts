import { describe, expect, it } from 'vitest';
import { anAction, aPlan } from './testing/a-plan.ts';
import { startRun, type TestRun } from './testing/a-run.ts';

const seconds = (count: number) => count * 1_000;
const days = (count: number) => count * 86_400_000;
const defer = (run: TestRun, path = 'a', ordinal = 1) =>
  run.send({ type: 'stepDeferred', path, ordinal, until: 0, reason: 'too many requests' });
const pauseOf = (run: TestRun, path = 'a') => run.state().timers[`defer:${path}:1`]?.dueAt ?? Number.NaN;

describe('a service that asks us to come back later', () => {
  const plan = aPlan({ steps: { a: anAction() }, edges: ['start -> a'] });

  it('is given ever longer pauses, whatever it asks for', async () => {
    const run = await startRun(plan);
    const began = run.state().startedAt;
    await defer(run);
    expect(pauseOf(run)).toBe(began + 500);
    await run.wait(500);
    await defer(run);
    expect(pauseOf(run)).toBe(began + 500 + seconds(1));
  });

  it('is believed when it asks for longer', async () => {
    const run = await startRun(plan);
    const until = run.state().startedAt + seconds(90);
    await run.send({ type: 'stepDeferred', path: 'a', ordinal: 1, until, reason: 'busy' });
    expect(pauseOf(run)).toBe(until);
  });

  it('is asked for a week, less than 2,100 times, and then a person decides', async () => {
    const run = await startRun(plan);
    let asked = 0;
    while (run.state().status !== 'needs_attention' && asked < 5_000) {
      asked += 1;
      await defer(run);
      await run.wait(seconds(300));
    }
    expect(asked).toBeLessThan(2_100);
    expect(run.state().scopes['root']?.steps['a']?.failure).toMatchObject({ name: 'deferred_too_long' });
    const { dueAt } = run.state().timers['park:a:1'] ?? { dueAt: 0 };
    expect(dueAt - run.state().startedAt).toBeGreaterThan(days(7));
  });

  it('is given another week when a person retries the step', async () => {
    const run = await startRun(plan);
    await defer(run);
    await run.wait(days(8));
    await defer(run);
    expect(run.statuses()).toMatchObject({ a: 'needs_attention' });
    await run.repair({ action: 'retryStep', path: 'a' });
    await defer(run, 'a', 2);
    expect(run.statuses()).toMatchObject({ a: 'waiting' });
  });
});

describe('a limit of ours that is full', () => {
  const plan = aPlan({ steps: { a: anAction() }, edges: ['start -> a'] });
  const deferByLimit = (run: TestRun, until = 0) =>
    run.send({ type: 'stepDeferred', path: 'a', ordinal: 1, until, reason: 'full', isLimit: true });

  it('never has a step pause for longer than five seconds beyond what it says', async () => {
    const run = await startRun(plan);
    for (let asked = 0; asked < 12; asked += 1) {
      await deferByLimit(run);
      await run.wait(seconds(5));
    }
    const before = run.state().startedAt + seconds(60);
    await deferByLimit(run);
    expect(pauseOf(run)).toBe(before + seconds(5));
    expect(run.state().timers['defer:a:1']).toBeDefined();
  });

  it('is believed when it says when', async () => {
    const run = await startRun(plan);
    const until = run.state().startedAt + seconds(40);
    await deferByLimit(run, until);
    expect(pauseOf(run)).toBe(until);
  });

  it('costs no attempt', async () => {
    const run = await startRun(plan);
    await deferByLimit(run);
    expect(run.state().scopes['root']?.steps['a']?.tries).toEqual({ made: 1, free: 1 });
  });
});

it('what is scheduled again counts towards the cost of its workflow task', async () => {
  const large = anAction({ input: '{{ $pad("", 500000, "x") }}' });
  const run = await startRun(aPlan({ steps: { a: large }, edges: ['start -> a'] }));
  await defer(run);
  expect(run.cost().bytes).toBe(0);
  await run.wait(500);
  expect(run.statuses()).toMatchObject({ a: 'running' });
  expect(run.cost().bytes).toBeGreaterThan(500_000);
});

it('a step whose pause ends keeps its activity id, its input and its effect', async () => {
  const run = await startRun(
    aPlan({ steps: { a: anAction({ input: '{{ $string($random()) }}' }) }, edges: ['start -> a'] }),
  );
  const before = run.commands().at(-1);
  await defer(run);
  await run.wait(500);
  expect(run.commands()).toEqual([{ ...before, attemptsBefore: 1 }]);
  expect(run.state()).toMatchObject({ status: 'running', ready: [] });
});

describe('a step that leaves the express lane', () => {
  const plan = aPlan({ steps: { a: anAction({ lane: 'express', input: 'same' }) }, edges: ['start -> a'] });
  const activityOf = (run: TestRun) =>
    run.commands().find((command) => command.type === 'scheduleActivity') ?? expect.fail('nothing was scheduled');
  const leave = (run: TestRun, change: { attempt: number; failed: boolean; in?: number }) =>
    run.send({
      type: 'stepLeftLane',
      path: 'a',
      ordinal: 1,
      attempt: change.attempt,
      failed: change.failed,
      until: run.state().startedAt + (change.in ?? 0),
    });

  it('goes on at once as a durable one, with the attempts it has left and the same effect', async () => {
    const run = await startRun(plan);
    const before = activityOf(run);
    expect(before).toMatchObject({ lane: 'express' });
    await leave(run, { attempt: 2, failed: true });
    const retry = { maximumAttempts: 1 };
    expect(activityOf(run)).toMatchObject({ lane: 'durable', attemptsBefore: 2, generation: 1, options: { retry } });
    expect(activityOf(run)).toMatchObject({ input: 'same', activityId: 'a' });
  });

  it('spends no attempt by not fitting into the lane', async () => {
    const run = await startRun(plan);
    await leave(run, { attempt: 1, failed: false });
    expect(activityOf(run)).toMatchObject({ attemptsBefore: 1, options: { retry: { maximumAttempts: 3 } } });
  });

  it('waits until its next attempt is due', async () => {
    const run = await startRun(plan);
    await leave(run, { attempt: 1, failed: true, in: seconds(20) });
    expect(run.statuses()).toMatchObject({ a: 'waiting' });
    await run.wait(seconds(20));
    expect(activityOf(run)).toMatchObject({ lane: 'durable' });
  });

  it('has all its attempts again when a person retries it, and stays durable', async () => {
    const run = await startRun(plan);
    await leave(run, { attempt: 2, failed: true });
    await run.fail('a');
    await run.repair({ action: 'retryStep', path: 'a' });
    const again = activityOf(run);
    expect(again).toMatchObject({ lane: 'durable', activityId: 'a~2', options: { retry: { maximumAttempts: 3 } } });
    expect(again).not.toHaveProperty('attemptsBefore');
  });

  it('is not scheduled again while its run is being cancelled', async () => {
    const run = await startRun(plan);
    await run.send({ type: 'cancelRequested' });
    await leave(run, { attempt: 1, failed: false });
    expect(run.state().status).toBe('cancelled');
  });
});
