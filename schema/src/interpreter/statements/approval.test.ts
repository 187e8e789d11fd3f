import { describe, expect, it } from 'vitest';
import type { ApprovalStep } from '../../flow/plan.ts';
import type { ApprovalAnswer, Approver } from '../../run/waits.ts';
import { checkAnswer } from '../check-answer.ts';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun, type TestRun } from '../testing/a-run.ts';

const approval = (changes: Partial<ApprovalStep> = {}) => ({
  type: 'approval' as const,
  subject: 'Refund {{ trigger.amount }}?',
  message: null,
  fields: [],
  roles: ['operator', 'owner'],
  people: [],
  approvals: 1,
  rejections: 1,
  timeout: null,
  ...changes,
});
const planWith = (changes: Partial<ApprovalStep> = {}) =>
  aPlan({
    steps: {
      ask: approval(changes),
      yes: anAction(),
      no: anAction(),
      late: anAction(),
      tell: anAction({ input: '{{ steps.ask.url }}' }),
    },
    edges: ['start -> ask', 'start -> tell', 'ask:approved -> yes', 'ask:rejected -> no', 'ask:timeout -> late'],
  });
const asked = (changes: Partial<ApprovalStep> = {}) => startRun(planWith(changes), { amount: 120 });

const person = (userId: string, changes: Partial<Approver> = {}): Approver => ({
  userId,
  name: userId,
  role: 'operator',
  email: `${userId}@example.org`,
  ...changes,
});
const answerOf = (changes: Partial<ApprovalAnswer> = {}): ApprovalAnswer => ({
  path: 'ask',
  ordinal: 1,
  decision: 'approved',
  values: {},
  comment: null,
  ...changes,
});
const answer = (run: TestRun, by: Approver, changes: Partial<ApprovalAnswer> = {}) =>
  run.send({ type: 'approvalAnswered', answer: answerOf(changes), by });
const verdict = (run: TestRun, by: Approver, changes: Partial<ApprovalAnswer> = {}, settings = {}) =>
  checkAnswer(planWith(settings), run.state(), answerOf(changes), by);
const step = (run: TestRun) => run.state().scopes['root']?.steps['ask'];

describe('an approval', () => {
  it('asks, and its page is known to a step beside it before anybody has answered', async () => {
    const run = await asked();
    expect(step(run)).toMatchObject({
      status: 'waiting',
      waitsFor: { type: 'approval', subject: 'Refund 120?', roles: ['operator', 'owner'], answers: [] },
    });
    const told = run.commands().find((command) => command.type === 'scheduleActivity');
    expect(told).toMatchObject({ path: 'tell', input: 'http://127.0.0.1/runs/run_1/approvals/ask' });
  });

  it.each([
    ['approved', 'yes', ['no', 'late']],
    ['rejected', 'no', ['yes', 'late']],
  ] as const)('goes the way %s, and keeps who said so, when and why', async (decision, taken, dead) => {
    const run = await asked();
    await answer(run, person('ada'), { decision, comment: 'Checked.' });
    expect(run.statuses()).toMatchObject({ ask: 'succeeded', [taken]: 'running' });
    for (const each of dead) expect(run.statuses()[each]).toBe('skipped');
    const given = { decision, by: person('ada'), at: '2026-03-01T00:00:00.000Z', comment: 'Checked.', values: {} };
    expect(step(run)?.output).toEqual({ ...given, answers: [given] });
  });

  it('takes the way for nobody in time', async () => {
    const run = await asked({ timeout: '2d' });
    await run.wait(2 * 86_400_000);
    expect(run.statuses()).toMatchObject({ ask: 'succeeded', late: 'running', yes: 'skipped' });
    expect(step(run)?.output).toMatchObject({ decision: 'timeout', by: null, answers: [] });
    expect(verdict(run, person('ada'))).toMatchObject({ ok: false, code: 'approval_timed_out' });
  });

  it('refuses the second answer, with the name of who was first', async () => {
    const run = await asked();
    await answer(run, person('ada'));
    expect(verdict(run, person('bob'), { decision: 'rejected' })).toEqual({
      ok: false,
      code: 'approval_answered',
      message: 'This was approved by ada already.',
    });
    const before = run.state();
    await answer(run, person('bob'), { decision: 'rejected' });
    expect(run.state()).toEqual(before);
  });

  it('parks when its question cannot be asked, and asks again when a person retries', async () => {
    const run = await asked({ people: '{{ trigger.people }}' });
    expect(run.statuses()).toMatchObject({ ask: 'needs_attention' });
    await run.repair({ action: 'completeStep', path: 'ask', output: { decision: 'approved' } });
    expect(run.statuses()).toMatchObject({ ask: 'succeeded', yes: 'running' });
  });

  it('can be decided by an operator of the run, who says which way', async () => {
    const run = await asked();
    await run.repair({ action: 'completeStep', path: 'ask', output: 'yes' });
    expect(run.statuses()).toMatchObject({ ask: 'waiting' });
    await run.repair({ action: 'completeStep', path: 'ask', output: { decision: 'rejected' } });
    expect(run.statuses()).toMatchObject({ ask: 'succeeded', no: 'running' });
    expect(verdict(run, person('ada'))).toMatchObject({ code: 'approval_answered' });
  });

  it('waits for nobody once its run has ended', async () => {
    const run = await asked();
    await run.repair({ action: 'skipStep', path: 'ask' });
    expect(verdict(run, person('ada'))).toMatchObject({ code: 'approval_closed' });
    await run.succeed('tell');
    expect(verdict(run, person('ada'))).toMatchObject({ code: 'run_not_open' });
    expect(verdict(run, person('ada'), { path: 'tell' })).toMatchObject({ code: 'unknown_step' });
  });
});

describe('who may answer', () => {
  const people = ['{{ trigger.amount > 100 ? "Boss@example.org" : "ada@example.org" }}'];

  it.each([
    ['one of the roles', person('ada'), true],
    ['another role', person('ada', { role: 'viewer' }), false],
    ['a person named', person('boss', { role: 'viewer', email: 'boss@Example.org' }), true],
    ['a key of a role that may', person('key', { role: 'owner', email: null }), true],
    ['a key of another role', person('key', { role: 'viewer', email: null }), false],
  ])('%s', async (_who, by, ok) => {
    const run = await asked({ people });
    const found = verdict(run, by);
    expect(found.ok).toBe(ok);
    if (!found.ok) expect(found.code).toBe('not_an_approver');
    await answer(run, by);
    expect(run.statuses()['ask']).toBe(ok ? 'succeeded' : 'waiting');
  });

  it('is never nobody', async () => {
    const run = await asked({ roles: [], people: [] });
    expect(step(run)).toMatchObject({ status: 'needs_attention', failure: { name: 'expression_failed' } });
  });
});

describe('several approvers', () => {
  it('must be different people, and enough of them', async () => {
    const run = await asked({ approvals: 2 });
    await answer(run, person('ada'));
    expect(step(run)).toMatchObject({ status: 'waiting', waitsFor: { answers: [{ by: { userId: 'ada' } }] } });
    expect(verdict(run, person('ada'))).toMatchObject({ code: 'answered_before' });
    await answer(run, person('ada'));
    expect(run.statuses()).toMatchObject({ ask: 'waiting' });
    await answer(run, person('bob'));
    expect(run.statuses()).toMatchObject({ ask: 'succeeded', yes: 'running' });
  });

  it('are overruled by one who rejects, unless more rejections are asked for', async () => {
    const [one, two] = [await asked({ approvals: 3 }), await asked({ approvals: 3, rejections: 2 })];
    for (const run of [one, two]) {
      await answer(run, person('ada'));
      await answer(run, person('bob'), { decision: 'rejected' });
    }
    expect(one.statuses()).toMatchObject({ ask: 'succeeded', no: 'running' });
    expect(two.statuses()).toMatchObject({ ask: 'waiting' });
    await answer(two, person('eve'), { decision: 'rejected' });
    expect(two.statuses()).toMatchObject({ ask: 'succeeded', no: 'running' });
  });
});

describe('the form', () => {
  const settings: Partial<ApprovalStep> = {
    fields: [
      { name: 'reason', title: 'Reason', type: 'text', required: true },
      { name: 'amount', type: 'number' },
    ],
  };

  it('must be filled in by who approves, field by field', async () => {
    const run = await asked(settings);
    expect(verdict(run, person('ada'), { values: { amount: 'much', other: 1 } }, settings)).toMatchObject({
      code: 'values_invalid',
      problems: [
        { path: 'other', code: 'unknown_field' },
        { path: 'reason', code: 'missing_field' },
        { path: 'amount', code: 'wrong_type' },
      ],
    });
    const values = { reason: 'Arrived broken', amount: 12 };
    await answer(run, person('ada'), { values });
    expect(step(run)?.output).toMatchObject({ values });
  });

  it('need not be filled in by who rejects', async () => {
    const run = await asked(settings);
    await answer(run, person('ada'), { decision: 'rejected' });
    expect(run.statuses()).toMatchObject({ no: 'running' });
  });
});
