import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineNode } from '../node/define-node.ts';
import { toManifest } from '../node/manifest.ts';
import { compileFlow } from './compile.ts';
import { evaluateTemplate, type ExpressionScope } from './expression.ts';
import type { ActionStep, Template } from './plan.ts';
import { aFlow, manifests } from './testing/a-flow.ts';

const scriptRun = toManifest(
  defineNode({
    kind: 'script.run',
    version: 1,
    title: 'Run a script',
    summary: 'Runs a script.',
    effect: 'reads',
    credential: null,
    input: z.strictObject({
      script: z.string().max(200).meta({ title: 'Script', widget: 'code' }),
      data: z.json().meta({ title: 'Data' }),
    }),
    output: z.strictObject({}),
    failures: {},
    activity: {
      startToCloseTimeout: '15s',
      scheduleToCloseTimeout: '1h',
      retry: { initialInterval: '2s', maximumInterval: '2m', maximumAttempts: 2, nonRetryableErrorTypes: [] },
    },
    idempotency: { by: 'nature' },
    meters: {},
    examples: [{ title: 'A script', input: { script: 'return 1', data: 1 }, output: {} }],
  }),
);

const compile = (script: string) => {
  const graph = aFlow(
    { zero: { kind: 'trigger.manual' }, run: { kind: 'script.run', input: { script, data: '{{ trigger.body.a }}' } } },
    ['zero > run'],
  );
  const known = [...manifests, scriptRun];
  const compiled = compileFlow({ flowId: 'flow_1', flowVersion: 1, title: 'Scripts', graph, manifests: known });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return (compiled.plan.steps['run'] as ActionStep).input;
};
const scope: ExpressionScope = {
  trigger: { body: { a: 'data' } },
  steps: {},
  vars: {},
  env: {},
  run: { id: 'run_1', url: 'http://everwave.test', flowName: 'Scripts', startedAt: '2026-01-01T00:00:00Z' },
};
const inputOf = async (template: Template) => {
  const evaluated = await evaluateTemplate(template, scope, { now: 0, seed: 1 });
  if (!evaluated.ok) throw new Error(JSON.stringify(evaluated));
  return evaluated.value;
};

describe('a field that holds a program', () => {
  it.each([
    'return 1',
    '{{ trigger.body.a }}',
    'const a = () => {{ return {} }};',
    'return `{{ not closed',
    '{{{{{ x }}}}}',
    '"{{ \\" }}" }}',
  ])('reaches its step as it was written: %s', async (script) => {
    expect(await inputOf(compile(script))).toEqual({ script, data: 'data' });
  });

  it('does so whatever it holds', async () => {
    const piece = fc.constantFrom('{', '{{', '}}', '"', "'", '\\', '`', '/', 'trigger', ' ', '\n', '😀', '$eval("1")');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 20 }), async (pieces) => {
        expect(await inputOf(compile(pieces.join('')))).toEqual({ script: pieces.join(''), data: 'data' });
      }),
      { numRuns: 200 },
    );
  });
});
