import { describe, expect, it } from 'vitest';
import { compileFlow } from './compile.ts';
import { aFlow, manifests } from './testing/a-flow.ts';
import { validateFlow } from './validate.ts';

type Drawing = Parameters<typeof aFlow>;
const codesOf = (...drawing: Drawing) =>
  validateFlow(aFlow(...drawing), manifests).map(({ code, path }) => `${code}@${path}`);
const start = { kind: 'trigger.manual' };
const send = { kind: 'chat.send' };
const takeBack = { ...send, input: { channel: 'general', text: 'Never mind {{ steps.told.output.id }}' } };

describe('an undo step', () => {
  it('is known to the step it undoes, and no edge of the plan leads to it', () => {
    const graph = aFlow({ start, told: send, taken_back: takeBack, after: send }, [
      'start > told',
      'told.compensate > taken_back',
      'told > after',
    ]);
    const compiled = compileFlow({ flowId: 'flow_1', flowVersion: 1, title: 'Undo', graph, manifests });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
    const { plan } = compiled;
    expect(compiled.issues).toEqual([]);
    expect(plan.edges.map(({ from, to }) => `${from} > ${to}`)).toEqual(['start > told', 'told > after']);
    expect(plan.steps['told']).toMatchObject({ undo: 'taken_back', outgoing: [1], reads: ['id'] });
    expect(plan.steps['taken_back']).toMatchObject({ undoes: 'told', incoming: [], outgoing: [] });
    expect(plan.steps['after']).not.toHaveProperty('undo');
    expect(plan.settings.compensateOnCancel).toBe(true);
  });

  it('keeps a flow out of the hosts', () => {
    const fetch = { kind: 'web.fetch' };
    const compiled = (arrows: readonly string[]) => {
      const graph = aFlow({ start, a: fetch, b: fetch }, ['start > a', ...arrows], { lane: 'express' });
      return compileFlow({ flowId: 'flow_1', flowVersion: 1, title: 'Undo', graph, manifests });
    };
    expect(compiled(['a > b'])).toMatchObject({ ok: true, plan: { hostable: true } });
    expect(compiled(['a.compensate > b'])).toHaveProperty('plan.steps.a.undo', 'b');
    expect(compiled(['a.compensate > b'])).not.toHaveProperty('plan.hostable');
  });

  it.each<[string, Drawing, readonly string[]]>([
    [
      'that other edges lead to',
      [{ start, told: send, back: send }, ['start > told', 'told.compensate > back', 'told > back']],
      ['undo_in_normal_course@nodes[2]'],
    ],
    [
      'that edges lead away from',
      [{ start, told: send, back: send, after: send }, ['start > told', 'told.compensate > back', 'back > after']],
      ['undo_in_normal_course@nodes[2]'],
    ],
    [
      'of a step that changes nothing',
      [
        { start, wait: { kind: 'control.delay', input: { duration: '1s' } }, back: send },
        ['start > wait', 'wait.compensate > back'],
      ],
      ['nothing_to_undo@edges[1]'],
    ],
    [
      'that is no action',
      [
        { start, told: send, wait: { kind: 'control.delay', input: { duration: '1s' } } },
        ['start > told', 'told.compensate > wait'],
      ],
      ['undo_no_action@edges[1]'],
    ],
    ['of itself', [{ start, told: send }, ['start > told', 'told.compensate > told']], ['undo_of_itself@edges[1]']],
    [
      'of an undo step',
      [
        { start, told: send, back: send, again: send },
        ['start > told', 'told.compensate > back', 'back.compensate > again'],
      ],
      ['undo_of_undo@edges[2]'],
    ],
    [
      'beside another one',
      [
        { start, told: send, back: send, other: send },
        ['start > told', 'told.compensate > back', 'told.compensate > other'],
      ],
      ['several_undo@edges[1]', 'several_undo@edges[2]'],
    ],
    [
      'of two steps',
      [{ start, a: send, b: send, back: send }, ['start > a', 'a > b', 'a.compensate > back', 'b.compensate > back']],
      ['shared_undo@edges[2]', 'shared_undo@edges[3]'],
    ],
    [
      'in another frame',
      [
        { start, guarded: { kind: 'control.try' }, told: { ...send, parent: 'guarded' }, back: send },
        ['start > guarded', 'told.compensate > back'],
      ],
      ['edge_crosses_frame@edges[1]'],
    ],
    [
      'in a finally',
      [
        {
          start,
          guarded: { kind: 'control.try' },
          told: { ...send, parent: 'guarded' },
          tidy: { kind: 'control.finally', parent: 'guarded' },
          tidied: { ...send, parent: 'tidy' },
          back: { ...send, parent: 'tidy' },
        },
        ['start > guarded', 'tidied.compensate > back'],
      ],
      ['undo_in_finally@edges[1]'],
    ],
    [
      'with a policy of its own for failures',
      [
        { start, told: send, back: { ...send, policy: { onFailure: 'continue' } } },
        ['start > told', 'told.compensate > back'],
      ],
      ['unused_policy@nodes[2].policy.onFailure'],
    ],
  ])('%s is refused or remarked on', (_case, drawing, codes) => {
    expect(codesOf(...drawing).filter((code) => !code.startsWith('unreachable_node'))).toEqual(codes);
  });

  it('reads what came before its step, and nobody reads it', () => {
    const drawing: Drawing = [
      {
        start,
        first: send,
        told: send,
        back: { ...send, input: { channel: 'general', text: '{{ steps.first.output.id & steps.told.output.id }}' } },
        after: { ...send, input: { channel: 'general', text: '{{ steps.back.output.id }}' } },
      },
      ['start > first', 'first > told', 'told.compensate > back', 'told > after'],
    ];
    expect(codesOf(...drawing)).toEqual(['step_not_before@nodes[4].input.text']);
  });
});
