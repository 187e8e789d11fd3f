import { describe, expect, it } from 'vitest';
import { compileFlow } from './compile.ts';
import { aFlow, manifests } from './testing/a-flow.ts';
import { validateFlow } from './validate.ts';

const issuesOf = (...flow: Parameters<typeof aFlow>) => validateFlow(aFlow(...flow), manifests);
const codesOf = (...flow: Parameters<typeof aFlow>) => issuesOf(...flow).map(({ code, path }) => `${code}@${path}`);

const start = { kind: 'trigger.manual' };
const fetch = { kind: 'web.fetch', input: { url: 'http://example.test' } };
const loop = { kind: 'control.forEach', input: { items: '{{ trigger.body.items }}' } };

const compile = (...flow: Parameters<typeof aFlow>) => {
  const compiled = compileFlow({
    flowId: 'flow_1',
    flowVersion: 1,
    title: 'Frames',
    graph: aFlow(...flow),
    manifests,
  });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled.plan;
};

describe('frames', () => {
  it('become regions, with their steps in dispatch order', () => {
    const plan = compile(
      {
        start,
        each: { ...loop, input: { ...loop.input, concurrency: 3, onItemFailure: 'collect', result: '{{ item.id }}' } },
        zeta: { ...fetch, parent: 'each', input: { url: '{{ item.url }}?{{ loop.index }}' } },
        alpha: { ...fetch, parent: 'each', input: { url: '{{ steps.zeta.output.body.next & steps.each.item.id }}' } },
        guarded: { kind: 'control.try', input: { catches: ['no_channel'] } },
        inner: { ...fetch, parent: 'guarded' },
        tidy: { kind: 'control.finally', parent: 'guarded' },
        last: { ...fetch, parent: 'tidy' },
        again: {
          kind: 'control.while',
          input: { condition: { left: '{{ steps.page.output.body.next }}', operator: 'exists' }, check: 'after' },
        },
        page: { ...fetch, parent: 'again' },
        end: { kind: 'control.return', input: { output: '{{ steps.each.output.results }}' } },
      },
      ['start > each', 'zeta > alpha', 'each > guarded', 'guarded > again', 'again > end'],
    );
    expect(plan.regions).toEqual({
      root: { id: 'root', kind: 'root', parent: null, steps: ['start', 'each', 'guarded', 'again', 'end'] },
      each: { id: 'each', kind: 'forEach', parent: 'root', steps: ['zeta', 'alpha'] },
      guarded: { id: 'guarded', kind: 'try', parent: 'root', steps: ['inner', 'tidy'] },
      tidy: { id: 'tidy', kind: 'finally', parent: 'guarded', steps: ['last'] },
      again: { id: 'again', kind: 'while', parent: 'root', steps: ['page'] },
    });
    expect(plan.steps['each']).toMatchObject({ concurrency: 3, onItemFailure: 'collect', result: '{{ item.id }}' });
    expect(plan.steps['guarded']).toMatchObject({ type: 'try', catches: ['no_channel'], result: null });
    expect(plan.steps['again']).toMatchObject({ type: 'while', check: 'after', maximumIterations: 100 });
    expect(plan.steps['zeta']).toMatchObject({ region: 'each', reads: ['body.next'] });
  });

  it('let a loop run its items in batches, but for steps that all items share', () => {
    const setting = { kind: 'control.setVariables', input: { variables: { last: '{{ item.id }}' } } };
    const plan = compile(
      {
        start,
        apart: loop,
        one: { ...fetch, parent: 'apart' },
        together: loop,
        guarded: { kind: 'control.try', parent: 'together' },
        two: { ...setting, parent: 'guarded' },
      },
      ['start > apart', 'apart > together'],
    );
    expect(plan.steps['apart']).toMatchObject({ batches: { above: 200, size: 200 } });
    expect(plan.steps['together']).not.toHaveProperty('batches');
  });

  it('tell a merge which steps lead to it alone', () => {
    const plan = compile(
      {
        start,
        a: fetch,
        b: fetch,
        c: fetch,
        first: { kind: 'control.merge', input: { join: 'any', others: 'cancel' } },
        after: fetch,
        aside: fetch,
      },
      ['start > a', 'start > b', 'a > c', 'c > first', 'b > first', 'b > aside', 'first > after'],
    );
    expect(plan.steps['first']).toMatchObject({
      policy: { join: 'count', count: 1, others: 'cancel', before: ['a', 'c'] },
    });
  });

  it.each([
    ['a parent that does not exist', { one: { ...fetch, parent: 'gone' } }, [], 'unknown_parent@nodes[1].parent'],
    [
      'a parent that is no frame',
      { a: fetch, b: { ...fetch, parent: 'a' } },
      ['start > a'],
      'unknown_parent@nodes[2].parent',
    ],
    ['a frame in itself', { each: { ...loop, parent: 'each' } }, [], 'frame_in_itself@nodes[1].parent'],
    ['an empty frame', { each: loop }, ['start > each'], 'empty_frame@nodes[1]'],
    [
      'an edge across a border',
      { each: loop, a: { ...fetch, parent: 'each' }, b: fetch },
      ['start > each', 'a > b'],
      'edge_crosses_frame@edges[1]',
    ],
    [
      'a trigger inside',
      { each: loop, t: { ...start, parent: 'each' }, a: { ...fetch, parent: 'each' } },
      ['start > each'],
      'trigger_in_frame@nodes[2].parent',
    ],
    [
      'a return inside',
      { each: loop, end: { kind: 'control.return', input: { output: 1 }, parent: 'each' } },
      ['start > each'],
      'return_in_frame@nodes[2].parent',
    ],
    [
      'a finally outside of a try',
      { tidy: { kind: 'control.finally' }, a: { ...fetch, parent: 'tidy' } },
      [],
      'finally_outside_try@nodes[1].parent',
    ],
    [
      'a frame called root',
      { root: loop, a: { ...fetch, parent: 'root' } },
      ['start > root'],
      'reserved_id@nodes[1].id',
    ],
    [
      'what is fixed at publishing, as an expression',
      { each: { ...loop, input: { ...loop.input, concurrency: '{{ 3 }}' } }, a: { ...fetch, parent: 'each' } },
      ['start > each'],
      'invalid_value@nodes[1].input.concurrency',
    ],
    [
      'a merge that waits for more than there are',
      { a: fetch, b: fetch, both: { kind: 'control.merge', input: { join: 'count', count: 3 } } },
      ['start > a', 'start > b', 'a > both', 'b > both'],
      'merge_count@nodes[3].input.count',
    ],
  ])('refuse %s', (_, nodes, edges, issue) => {
    expect(codesOf({ start, ...nodes } as Parameters<typeof aFlow>[0], edges)).toContain(issue);
  });

  it('show their steps to each other, and hide them from the steps behind', () => {
    const nodes = (url: string, more: object = {}) => ({
      start,
      early: fetch,
      each: { ...loop, ...more },
      a: { ...fetch, parent: 'each' },
      b: { ...fetch, parent: 'each', input: { url: '{{ steps.a.output.body & steps.early.output.body }}' } },
      after: { ...fetch, input: { url } },
    });
    const edges = ['start > early', 'early > each', 'a > b', 'each > after'];
    expect(codesOf(nodes('{{ steps.each.output.count }}'), edges)).toEqual([]);
    const [hidden] = issuesOf(nodes('{{ steps.a.output.body }}'), edges);
    expect(hidden).toMatchObject({ code: 'step_not_before', nodeId: 'after' });
    expect(hidden?.message).toContain('Read steps.each.output.');
    for (const outside of ['{{ item }}', '{{ loop.index }}', '{{ steps.each.item }}']) {
      expect(codesOf(nodes(outside), edges)).toEqual(['unknown_reference@nodes[5].input.url']);
    }
    const own = { input: { items: '{{ steps.a.output.body }}' } };
    expect(codesOf(nodes('x', own), edges)).toEqual(['step_not_before@nodes[2].input.items']);
    const result = { input: { items: '{{ [1] }}', result: '{{ item & steps.b.output.body }}' } };
    expect(codesOf(nodes('x', result), edges)).toEqual([]);
  });

  it('let a finally read what its try has done', () => {
    const nodes = (parent: string) => ({
      start,
      guarded: { kind: 'control.try' },
      take: { ...fetch, parent: 'guarded' },
      tidy: { kind: 'control.finally', parent: 'guarded' },
      undo: { ...fetch, parent, input: { url: '{{ steps.take.output.body }}' } },
      last: { ...fetch, parent: 'tidy' },
    });
    expect(codesOf(nodes('tidy'), ['start > guarded'])).toEqual([]);
    expect(codesOf(nodes('guarded'), ['start > guarded'])).toEqual(['step_not_before@nodes[4].input.url']);
  });

  it('count as reached when their frame is', () => {
    const nodes = { start, each: loop, a: { ...fetch, parent: 'each' }, b: { ...fetch, parent: 'each' } };
    expect(codesOf(nodes, ['start > each', 'a > b'])).toEqual([]);
    expect(codesOf(nodes, ['a > b'])).toEqual([
      'unreachable_node@nodes[1]',
      'unreachable_node@nodes[2]',
      'unreachable_node@nodes[3]',
    ]);
  });
});
