import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, Template } from './plan.ts';
import { evaluateTemplate, expressionLimits, type ExpressionScope } from './expression.ts';

const context = { now: 1_767_225_600_000, seed: 7 };

const aScope = (parts: Partial<ExpressionScope> = {}): ExpressionScope => ({
  trigger: {
    body: {
      customerId: 'c_7',
      total: 129.9,
      none: null,
      yes: true,
      tags: ['new', 'gold'],
      items: [
        { name: 'pen', price: 2 },
        { name: 'book', price: 12.5 },
      ],
    },
  },
  steps: { fetch: { output: { body: { tier: 'gold' } } }, send: { failure: { name: 'rejected', message: 'No.' } } },
  vars: { greeting: 'Hello' },
  env: { REGION: 'eu' },
  run: { id: 'run_1', url: 'http://everwave.test/runs/run_1', flowName: 'Orders', startedAt: '2026-01-01T00:00:00Z' },
  ...parts,
});

const evaluate = async (template: Template, scope = aScope()) => evaluateTemplate(template, scope, context);

const valueOf = async (template: Template, scope = aScope()): Promise<Json> => {
  const evaluated = await evaluate(template, scope);
  if (!evaluated.ok) throw new Error(JSON.stringify(evaluated.error));
  return evaluated.value;
};

const errorOf = async (template: Template, scope = aScope()) => {
  const evaluated = await evaluate(template, scope);
  if (evaluated.ok) throw new Error(`No error, but ${JSON.stringify(evaluated.value)}`);
  return evaluated.error;
};

describe('what an expression gives', () => {
  it.each<[string, Json]>([
    ['plain text', 'plain text'],
    ['{{ trigger.body.total }}', 129.9],
    ['{{ trigger.body.yes }}', true],
    ['{{ trigger.body.none }}', null],
    ['{{ trigger.body.tags }}', ['new', 'gold']],
    ['{{ trigger.body.items[price > 5].name }}', 'book'],
    ['{{ $sum(trigger.body.items.price) }}', 14.5],
    ['{{ {"a": {"b": vars.greeting}} }}', { a: { b: 'Hello' } }],
    ['{{ {"a": {"b": 1}}}}', { a: { b: 1 } }],
    ['{{ steps.fetch.output.body.tier }}', 'gold'],
    ['{{ steps.send.failure.name }}', 'rejected'],
    ['{{ env.REGION & "/" & run.flowName }}', 'eu/Orders'],
    ['{{ "}}" & \'}}\' }}', '}}}}'],
    ['{{ $contains("a}}b", /\\}\\}/) }}', true],
    ['{{ 6 / 2 /* }} */ }}', 3],
    [
      'Dear {{ trigger.body.customerId }}: {{ trigger.body.total }} {{ trigger.body.tags }}',
      'Dear c_7: 129.9 ["new","gold"]',
    ],
    ['{{ $now() }}', '2026-01-01T00:00:00.000Z'],
    ['{{ $millis() }}', 1_767_225_600_000],
    ['{{ $base64encode("é😀") }}', 'w6nwn5iA'],
    ['{{ $base64decode("w6nwn5iA") }}', 'é😀'],
    ['{{ $replace("John Smith", /(\\w+)\\s(\\w+)/, "$2, $1") }}', 'Smith, John'],
    ['{{ $split("a, b;c", /[,;]\\s*/) }}', ['a', 'b', 'c']],
    ['{{ $match("ab12cd345", /[0-9]+/).match }}', ['12', '345']],
    ['{{ $substring(?, 0, 2)("hello") }}', 'he'],
    ['{{ $map(["a", "b"], $uppercase) }}', ['A', 'B']],
    ['{{ $distinct([1, 1, {"a": 1}, {"a": 1}]) }}', [1, { a: 1 }]],
    ['{{ $toMillis("2026-01-02", "[Y0001]-[M01]-[D01]") }}', 1_767_312_000_000],
    ['{{ $toMillis("10:30", "[H01]:[m01]") }}', Date.UTC(2026, 0, 1, 10, 30)],
    ['{{ $map(["10:30"], function($t) { $toMillis($t, "[H01]:[m01]") }) }}', Date.UTC(2026, 0, 1, 10, 30)],
    ['{{ trigger.body.items^(>price)[0].name }}', 'book'],
    ['{{ $keys() }}', ['trigger', 'steps', 'vars', 'env', 'run']],
    ['{{ $lookup("vars").greeting }}', 'Hello'],
    ['{{ trigger@$t.(vars.greeting & " " & $t.body.total) }}', 'Hello 129.9'],
    ['{{ trigger.body.items.($$.vars.greeting & " " & name) }}', ['Hello pen', 'Hello book']],
  ])('%s', async (template, expected) => {
    expect(await valueOf(template)).toStrictEqual(expected);
  });

  it('evaluates in depth and leaves keys and other values as they were', async () => {
    const template = { '{{ key }}': [1, null, { text: '{{ vars.greeting }}!' }], flag: false };
    expect(await valueOf(template)).toStrictEqual({ '{{ key }}': [1, null, { text: 'Hello!' }], flag: false });
  });

  it('evaluates the author’s text once: an expression inside data stays text', async () => {
    const scope = aScope({ trigger: '{{ 1 + 1 }}' });
    expect(await valueOf('{{ trigger }}', scope)).toBe('{{ 1 + 1 }}');
    expect(await valueOf('got {{ trigger }}', scope)).toBe('got {{ 1 + 1 }}');
  });

  it('gives the same random numbers for the same seed, and others for another', async () => {
    const template = '{{ [$random(), $random()] }}';
    const first = await valueOf(template);
    expect(await valueOf(template)).toStrictEqual(first);
    expect(await evaluateTemplate(template, aScope(), { ...context, seed: 8 })).not.toMatchObject({ value: first });
    expect(new Set(first as Json[]).size).toBe(2);
  });

  it('makes objects with more keys and lists with more elements than JSONata’s stack is deep', async () => {
    const list = Array.from({ length: 500 }, (_, index) => `$abs(${index})`).join();
    expect(await valueOf(`{{ $count([${list}]) }}`)).toBe(500);
  });
});

describe('what an expression cannot give', () => {
  it.each<[string, string, string]>([
    ['{{ 1/0 }}', 'not_json', 'infinite'],
    ['{{ $sum }}', 'not_json', 'function'],
    ['{{ {"deep": [function($x) { $x }]} }}', 'not_json', 'function'],
    ['{{ trigger.body.missing }}', 'no_value', 'trigger.body.missing'],
    ['text {{ trigger.body.missing }}', 'no_value', 'trigger.body.missing'],
    ['{{ trigger.body. }}', 'syntax', 'end of expression'],
    ['{{ trigger.body', 'syntax', 'not closed'],
    ['{{ }}', 'syntax', 'nothing between'],
    ['{{ $nope(1) }}', 'not_allowed', '$nope'],
    ['{{ $eval("1") }}', 'not_allowed', '$eval'],
    ['{{ "a" + 1 }}', 'failed', 'left side'],
    ['{{ $number("secret value") }}', 'failed', 'cannot be read as a number'],
    ['{{ $error("Total is missing") }}', 'failed', 'Total is missing'],
    ['{{ $contains("x", /(?=x)/) }}', 'not_allowed', 'look-ahead'],
    [`{{ ${'('.repeat(300)}1${')'.repeat(300)} }}`, 'not_allowed', 'nested'],
    [`{{ "${'x'.repeat(9_000)}" }}`, 'not_allowed', 'at most 8000'],
  ])('%s', async (template, code, words) => {
    const error = await errorOf(template);
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('secret value');
  });

  it('names the field and the place in it', async () => {
    const error = await errorOf({ headers: { accept: ['ok', 'abc {{ 1 + }}'] } });
    expect(error).toMatchObject({ code: 'syntax', field: 'headers.accept[1]' });
    expect(error.position).toBeGreaterThanOrEqual('abc {{'.length);
  });
});

/** Each would run for ever, take all memory, or reach something that is not its own. */
describe('attacks', () => {
  const bombs: readonly [string, string][] = [
    ['endless tail call', '{{ ($f := function($x) { $f($x + 1) }; $f(1)) }}'],
    ['endless recursion', '{{ ($f := function($x) { 1 + $f($x + 1) }; $f(1)) }}'],
    ['two functions calling each other', '{{ ($f := function($x) { $g($x) }; $g := function($x) { $f($x) }; $f(1)) }}'],
    ['nested loops', '{{ [1..9999].($i := $; [1..9999].($i * $)) }}'],
    ['padding', '{{ $pad("x", 1073741824) }}'],
    ['padding with a long filler', '{{ $pad("x", 1000000, $pad("", 1000, "ab")) }}'],
    ['padding to the left', '{{ $pad("x", -1073741824) }}'],
    ['range', '{{ [1..10000000] }}'],
    ['doubling a text', '{{ $reduce([1..40], function($a, $i) { $a & $a }, "xxxxxxxx") }}'],
    ['doubling a list', '{{ $reduce([1..40], function($a, $i) { $append($a, $a) }, [1, 2]) }}'],
    ['doubling by sharing', '{{ $reduce([1..60], function($a, $i) { {"l": $a, "r": $a} }, "x") }}'],
    ['nesting', '{{ $reduce([1..9999], function($a, $i) { {"a": $a} }, 1) }}'],
    ['nesting by a built-in', '{{ $reduce([1..9999], function($a, $i) { $zip([$a]) }, 1) }}'],
    ['nesting scopes', `{{ ($f := function($x) { $x }; ${'$f := $f(?);'.repeat(600)} $f(1)) }}`],
    ['joining', '{{ $join($split($pad("", 9999, "a"), ""), $pad("", 9999, "b")) }}'],
    ['replacing a text', '{{ $replace($pad("", 9999, "a"), "a", $pad("", 9999, "b")) }}'],
    ['replacing a pattern', '{{ $replace($pad("", 9999, "a"), /a/, $pad("", 9999, "b")) }}'],
    ['replacing by a group', '{{ $replace($pad("", 9999, "a"), /(a+)/, $pad("", 999, "$1")) }}'],
    ['replacing by a function', '{{ $replace($pad("", 999, "a"), /a/, function($m) { $pad("", 9999, "b") }) }}'],
    ['splitting', '{{ $split($pad("", 1000000, "a"), "") }}'],
    ['pretty printing', '{{ $string($reduce([1..150], function($a, $i) { [[$a, $a]] }, [1..9999]), true) }}'],
    ['scanning a text again and again', '{{ $match($pad("", 100000, "a"), /a(.*b)?/) }}'],
    ['a large pattern', '{{ $contains($pad("", 100000, "a"), /(a{0,30}){0,30}[xy]/) }}'],
    ['a date picture', '{{ $toMillis($pad("", 60, "a") & "!", "[MN]a[MN]a[MN]a[MN]a[MN]a[MN]a[MN]a[MN]") }}'],
    ['a date picture of words', '{{ $toMillis($pad("", 60, "one "), "[Yw] [Mw] [Dw] [Hw] [mw] [sw] [Yw]!") }}'],
    ['taking a long text apart again and again', '{{ ($s := $pad("", 1000000, "x"); [1..9999].$length($s)) }}'],
    ['writing a list again and again', '{{ ($a := [1..9999]; $map($a, function($x) { $string($a) })) }}'],
    ['searching a list again and again', '{{ ($a := [1..9999]; $map($a, function($x) { $x in $a })) }}'],
    ['listing a list again and again', '{{ ($a := [1..9999]; $map($a, function($x) { $a })) }}'],
    ['comparing large values again and again', '{{ [1..9999].($$.trigger.big = $$.trigger.copy) }}'],
    [
      'a matcher that never ends',
      '{{ $match("x", function($s) { {"match": "x", "start": 0, "end": 1, "groups": [], "next": function() { $f() }} }) }}',
    ],
  ];
  const big = Array.from({ length: 20_000 }, (_, index) => index);
  const scope = aScope({ trigger: { big, copy: [...big] } });

  it.each(bombs)('%s is stopped', async (_name, template) => {
    const started = Date.now();
    const error = await errorOf(template, scope);
    expect(['budget', 'too_large', 'not_allowed']).toContain(error.code);
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  it('a pattern that makes other engines hang takes linear time', async () => {
    const started = Date.now();
    expect(await valueOf('{{ $contains($pad("", 5000, "a") & "!", /^(a+)+$/) }}')).toBe(false);
    expect(Date.now() - started).toBeLessThan(3_000);
  });

  it('one budget holds for all segments of a template', async () => {
    const costly = '{{ $count([1..9000].($ * 2)) }}';
    expect(await valueOf(costly)).toBe(9_000);
    expect(await errorOf(Array.from({ length: 9 }, () => costly))).toMatchObject({ code: 'budget' });
  });

  it('the result is bounded in bytes of JSON', async () => {
    const part = '{{ $pad("", 300000, "é") }}';
    expect(await errorOf([part, part, part])).toMatchObject({ code: 'too_large', field: '[1]' });
  });

  const intrusions = [
    '{{ trigger ~> | $ | {"a": 1} | }}',
    '{{ ($t := | $ | {"implementation": 1} |; $sum ~> $t) }}',
    '{{ $spread($sum) }}',
    '{{ $spread([$sum]) }}',
    '{{ $merge([$sum]) }}',
    '{{ $merge(?)([$sum]) }}',
    '{{ $each(?, function($v, $k) { $k })(function($x) { $x }) }}',
    '{{ $sift(?, function($v, $k) { true })(function($x) { $x }) }}',
    '{{ (function($x) { $x }).environment.base.options }}',
    '{{ $sum.implementation }}',
    '{{ $lookup($sum, "implementation") }}',
    '{{ $keys(function($x) { $x }) }}',
    '{{ $sum.* }}',
    '{{ $sum.** ~> $count() = 1 ? $missing.x : "leak" }}',
    '{{ trigger.constructor }}',
    '{{ trigger.__proto__ }}',
    '{{ trigger["constructor"].x }}',
    '{{ $lookup(trigger, "__proto__") }}',
    '{{ $lookup(trigger, "constructor") }}',
    '{{ steps.constructor }}',
    '{{ $$.__proto__ }}',
    '{{ "".constructor }}',
    '{{ $string.constructor }}',
  ];
  it.each(intrusions)('%s gets nowhere', async (template) => {
    expect((await evaluate(template)).ok).toBe(false);
  });

  it('data that looks like a function of JSONata is refused, not called', async () => {
    const fake = { _jsonata_lambda: true, arguments: [], body: { type: 'value', value: 'pwned' } };
    const error = await errorOf('{{ $contains("x", trigger.matcher) }}', aScope({ trigger: { matcher: fake } }));
    expect(error.code).toBe('not_allowed');
  });

  it('nothing an expression does reaches the data or a later expression', async () => {
    const data = { list: [3, 1, 2], empty: [], one: { deep: [{ a: 1 }] } };
    const before = JSON.stringify(data);
    const mutations = [
      '{{ trigger.list ~> $sort() }}',
      '{{ trigger.list ~> $append(4) }}',
      '{{ trigger.empty{"k": 1} }}',
      '{{ $merge([trigger.one, {"deep": 1}]) }}',
      '{{ ($sum := function($x) { "replaced" }; $sum([1])) }}',
      '{{ trigger.one.deep[] }}',
      '{{ trigger.one.deep[0].a#$i }}',
      '{{ (trigger := 1) }}',
    ];
    const scopeOfData = aScope({ trigger: data });
    for (const mutation of mutations) await evaluate(mutation, scopeOfData);
    expect(JSON.stringify(data)).toBe(before);
    expect(await valueOf('{{ $sum([1, 2]) }}')).toBe(3);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });
});

describe('keys that would pollute a prototype', () => {
  const hostile = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

  it.each(hostile)('%s is an ordinary key in data, results and templates', async (key) => {
    const data = JSON.parse(`{"${key}": {"polluted": "yes"}, "list": [{"${key}": 1}]}`) as Json;
    const scope = aScope({ trigger: data, vars: { key } });
    expect(JSON.stringify(await valueOf('{{ trigger }}', scope))).toBe(JSON.stringify(data));
    expect(await valueOf(`{{ trigger.\`${key}\`.polluted }}`, scope)).toBe('yes');
    expect(JSON.stringify(await valueOf(`{{ {"${key}": {"polluted": 1}} }}`, scope))).toBe(`{"${key}":{"polluted":1}}`);
    expect(JSON.stringify(await valueOf(`{{ $merge([trigger, {"a": 1}]) }}`, scope))).toContain('"a":1');
    expect(await evaluate('{{ trigger.list{vars.key: 1} }}', scope)).toBeDefined();
    const template = JSON.parse(`{"${key}": "{{ vars.key }}"}`) as Template;
    expect(JSON.stringify(await valueOf(template, scope))).toBe(`{"${key}":"${key}"}`);
    for (const probe of [{}, [], () => 0]) expect(probe).not.toHaveProperty('polluted');
  });
});

describe('any text at all', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      '{{',
      '}}',
      '{',
      '}',
      '"',
      "'",
      '`',
      '/',
      '\\',
      '(',
      ')',
      '[',
      ']',
      '..',
      ':=',
      '~>',
      '$',
      '$$',
      '%',
      '@$x',
    ),
    fc.constantFrom(
      'trigger',
      '.body',
      'steps',
      '$sum',
      '$map',
      'function($x)',
      '1',
      '/*',
      '*/',
      '? :',
      ' & ',
      '**',
      '^(',
      '#$i',
    ),
  );
  it('gives a value or an error, never an exception, and leaves the data alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 14 }), async (pieces) => {
        const scope = aScope();
        const before = JSON.stringify(scope);
        const evaluated = await evaluate(`{{ ${pieces.join('')} }}`, scope);
        expect(JSON.stringify(scope)).toBe(before);
        if (evaluated.ok) expect(JSON.parse(JSON.stringify(evaluated.value))).toStrictEqual(evaluated.value);
        else expect(evaluated.error.message).not.toBe('');
      }),
      { numRuns: 1_500 },
    );
  });

  it('passes any JSON through unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), async (data) => {
        const trigger = JSON.parse(JSON.stringify({ data })) as Json;
        const whole = await valueOf('{{ trigger }}', aScope({ trigger }));
        expect(JSON.stringify(whole)).toBe(JSON.stringify(trigger));
      }),
      { numRuns: 300 },
    );
  });
});

it('a text longer than the limit is refused even without an expression', async () => {
  expect(await errorOf('x'.repeat(expressionLimits.resultBytes + 1))).toMatchObject({ code: 'too_large' });
});
