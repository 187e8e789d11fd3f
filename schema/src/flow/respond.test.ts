import { describe, expect, it } from 'vitest';
import { compileFlow } from './compile.ts';
import { aFlow, manifests } from './testing/a-flow.ts';
import { validateFlow } from './validate.ts';

const codesOf = (...flow: Parameters<typeof aFlow>) =>
  validateFlow(aFlow(...flow), manifests).map(({ code, path }) => `${code}@${path}`);

const hook = { kind: 'trigger.webhook', input: { answer: 'result' } };
const say = { kind: 'control.respond', input: { status: 201, body: '{{ trigger.body.id }}' } };

describe('a Respond step', () => {
  it('compiles, with the defaults of its fields', () => {
    const graph = aFlow({ hook, say: { kind: 'control.respond', input: {} } }, ['hook > say']);
    const compiled = compileFlow({ flowId: 'flow_1', flowVersion: 1, title: 'Answers', graph, manifests });
    expect(compiled).toMatchObject({
      ok: true,
      plan: {
        steps: { say: { type: 'respond', status: 200, headers: {}, body: null } },
        settings: { onFailure: 'fail' },
      },
    });
  });

  it('keeps a flow able to share a workflow with others', () => {
    const graph = aFlow({ hook, say }, ['hook > say']);
    const express = { ...graph, settings: { ...graph.settings, lane: 'express' as const } };
    const compiled = compileFlow({ flowId: 'flow_1', flowVersion: 1, title: 'Answers', graph: express, manifests });
    expect(compiled).toMatchObject({ ok: true, plan: { hostable: true } });
  });

  it('needs a caller who waits', () => {
    expect(codesOf({ hook: { ...hook, input: {} }, say }, ['hook > say'])).toEqual(['nobody_to_answer@nodes[1]']);
    expect(codesOf({ hook: { kind: 'trigger.manual' }, say }, ['hook > say'])).toEqual(['nobody_to_answer@nodes[1]']);
    expect(codesOf({ hook, say }, ['hook > say'])).toEqual([]);
  });

  it('comes after no other, except where that one failed or another branch was taken', () => {
    const fetch = { kind: 'web.fetch', input: { url: 'http://example.test' } };
    expect(codesOf({ hook, say, fetch, more: say }, ['hook > say', 'say > fetch', 'fetch > more'])).toEqual([
      'answered_twice@nodes[1]',
    ]);
    expect(codesOf({ hook, say, more: say }, ['hook > say', 'say.error > more'])).toEqual([]);
    const way = { kind: 'control.condition', input: { condition: { left: true, operator: 'isTrue' } } };
    expect(codesOf({ hook, way, say, more: say }, ['hook > way', 'way.true > say', 'way.false > more'])).toEqual([]);
  });

  it.each([
    [{ headers: { 'x a': '1' } }, 'headers'],
    [{ statuscode: 200 }, 'statuscode'],
  ])('says which field is wrong: %o', (input, field) => {
    const issues = validateFlow(aFlow({ hook, say: { kind: 'control.respond', input } }, ['hook > say']), manifests);
    expect(issues.map(({ severity, field: where }) => [severity, where?.startsWith(field)])).toEqual([['error', true]]);
  });
});
