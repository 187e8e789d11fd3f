import { createEvaluator } from '@everwave/schema/expression';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createHarness, type Harness } from './harness.ts';

// The libraries behind expressions are loaded once per worker and frozen. Whatever they keep for themselves must not be
// in the way of a later run.

const expressions = [
  '$match("a-1 b-22", /([a-z])-(\\d+)/i).groups',
  '$replace("Ada Lovelace", /(\\w+) (\\w+)/, "$2, $1")',
  '$split("a1b22c", /\\d+/)',
  '$contains("Überraschung", /\\p{Lu}/)',
  '$fromMillis(1700000000000, "[Y0001]-[M01]-[D01] [FNn] [W]")',
  '$toMillis("2026-03-18T09:30:00Z")',
  '$formatNumber(1234.567, "#,##0.00")',
  '$formatInteger(1999, "I")',
  '$parseInteger("twelve thousand", "w")',
  '$map([1,2,3], function($v, $i) { $v * $i })',
  '$sort(trigger.numbers, function($l, $r) { $l < $r })',
  '$reduce(trigger.numbers, function($sum, $next) { $sum + $next }, 10)',
  '$merge([{"a": 1}, {"b": trigger.numbers}])',
  '($f := function($n) { $n < 2 ? 1 : $n * $f($n - 1) }; $f(6))',
  'trigger.people^(>age).(name & " " & $string(age))',
  'trigger.people{name: age}',
  '$spread({"a": 1, "b": 2})',
  '$base64encode("Ada") & $encodeUrlComponent("a b")',
  '$string($distinct([1, 1, 2]))',
  '$zip([1,2],[3,4])',
] as const;

const trigger = {
  numbers: [3, 1, 2],
  people: [
    { name: 'Ada', age: 36 },
    { name: 'Alan', age: 41 },
  ],
};

let harness: Harness;
beforeAll(async () => {
  harness = await createHarness({ activities: {} });
});
afterAll(() => harness?.close());

it('gives every run what the same expressions give outside of the sandbox', async () => {
  const output = expressions.map((expression) => `{{ ${expression} }}`);
  const scope = {
    trigger,
    steps: {},
    vars: {},
    env: {},
    run: { id: 'run', url: 'http://127.0.0.1', flowName: 'A flow', startedAt: '2026-01-01T00:00:00.000Z' },
  };
  const outside = await createEvaluator({ scope, context: { now: 0, seed: 1 } }).evaluate(output, 'output');
  expect(outside).toMatchObject({ ok: true });

  const plan = aPlan({ steps: { done: { type: 'return', output } }, edges: ['start -> done'] });
  for (let run = 0; run < 2; run += 1) {
    const started = await harness.start(plan, { trigger });
    expect(await started.result()).toEqual({ status: 'succeeded', output: outside.ok && outside.value });
  }
});
