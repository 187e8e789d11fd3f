import { describe, expect, it } from 'vitest';
import { compileFlow } from './compile.ts';
import type { Plan } from './plan.ts';
import type { Subflow } from './subflows.ts';
import { aFlow, manifests } from './testing/a-flow.ts';
import { validateFlow } from './validate.ts';

const idOf = (number: number) => `flow_${String(number).padStart(32, '0')}`;
const start = { kind: 'trigger.manual' };
const running = (number: number, more: object = {}) => ({
  kind: 'control.subflow',
  input: { flowId: idOf(number), ...more },
});
const live = (plan: Plan): Subflow => ({
  name: plan.title,
  status: 'active',
  live: { plan, planHash: `hash of ${plan.flowId}` },
});

const publish = (number: number, graph: ReturnType<typeof aFlow>, subflows: ReadonlyMap<string, Subflow>) =>
  compileFlow({ flowId: idOf(number), flowVersion: number, title: `Flow ${number}`, graph, manifests, subflows });

const planOf = (...given: Parameters<typeof publish>): Plan => {
  const compiled = publish(...given);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled.plan;
};
const codesOf = (...given: Parameters<typeof publish>) => publish(...given).issues.map(({ code }) => code);

const leaf = aFlow({ hook: { kind: 'trigger.webhook' }, by_hand: start }, []);
const caller = (number: number, more: object = {}) => aFlow({ start, call: running(number, more) }, ['start > call']);

describe('a sub-flow', () => {
  it('is pinned to the version that is live when the flow is published, and begins at its manual trigger', () => {
    const inner = planOf(1, leaf, new Map());
    const plan = planOf(
      2,
      caller(1, { input: { id: '{{ trigger.body.id }}' }, mode: 'detach' }),
      new Map([[idOf(1), live(inner)]]),
    );
    expect(plan.steps['call']).toMatchObject({
      type: 'subflow',
      plan: inner,
      planHash: `hash of ${idOf(1)}`,
      trigger: { stepId: 'by_hand', kind: 'trigger.manual' },
      input: { id: '{{ trigger.body.id }}' },
      mode: 'detach',
    });
    expect(plan).not.toHaveProperty('hostable');
    const webhook = planOf(3, aFlow({ hook: { kind: 'trigger.webhook' } }, []), new Map());
    expect(planOf(4, caller(3), new Map([[idOf(3), live(webhook)]])).steps['call']).toMatchObject({
      trigger: { stepId: 'hook', kind: 'trigger.webhook' },
      mode: 'wait',
      input: null,
    });
  });

  it('must exist, be published and not be archived', () => {
    const inner = planOf(1, leaf, new Map());
    const known = (subflow: Subflow) => new Map([[idOf(1), subflow]]);
    expect(codesOf(2, caller(1), new Map())).toEqual(['unknown_subflow']);
    expect(codesOf(2, caller(1), known({ name: 'One', status: 'inactive', live: null }))).toEqual([
      'subflow_not_published',
    ]);
    expect(codesOf(2, caller(1), known({ ...live(inner), status: 'archived' }))).toEqual(['subflow_archived']);
    expect(codesOf(2, caller(1), known({ ...live(inner), status: 'inactive' }))).toEqual([]);
    expect(validateFlow(caller(1), manifests)).toEqual([]);
  });

  it('never runs inside itself, neither at once nor by way of others', () => {
    const one = planOf(1, leaf, new Map());
    const two = planOf(2, caller(1), new Map([[idOf(1), live(one)]]));
    const three = planOf(3, caller(2), new Map([[idOf(2), live(two)]]));
    expect(codesOf(1, caller(1), new Map([[idOf(1), live(one)]]))).toEqual(['subflow_of_itself']);
    expect(codesOf(1, caller(2), new Map([[idOf(2), live(two)]]))).toEqual(['subflow_of_itself']);
    const compiled = publish(1, caller(3), new Map([[idOf(3), live(three)]]));
    expect(compiled.issues).toMatchObject([
      { code: 'subflow_of_itself', path: 'nodes[1].input.flowId', nodeId: 'call', field: 'flowId' },
    ]);
    expect(compiled.issues[0]?.message).toContain('Flow 3');
  });

  it('holds no more than five others one inside the other', () => {
    let plan = planOf(1, leaf, new Map());
    for (let number = 2; number <= 6; number += 1)
      plan = planOf(number, caller(number - 1), new Map([[idOf(number - 1), live(plan)]]));
    expect(codesOf(7, caller(6), new Map([[idOf(6), live(plan)]]))).toEqual(['subflows_too_deep']);
  });

  it('travels with each run, and so is bounded in size', () => {
    const big = planOf(
      1,
      aFlow({ start, told: { kind: 'chat.send', title: 'x', input: { channel: 'c', text: 'a' } } }, ['start > told']),
      new Map(),
    );
    const padded = { ...big, title: 'x'.repeat(120_000) };
    const twice = aFlow({ start, a: running(1), b: running(1) }, ['start > a', 'a > b']);
    expect(codesOf(2, caller(1), new Map([[idOf(1), live(padded)]]))).toEqual([]);
    expect(codesOf(2, twice, new Map([[idOf(1), live(padded)]]))).toEqual(['subflows_too_large']);
  });
});
