import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression, type CompiledExpression, type ExpressionCompilation } from './compile-expression.ts';
import { rememberCompilations } from './compiled-expressions.ts';
import { explainFailure } from './explain-failure.ts';
import { createGuard } from './guard.ts';
import { expressionLimits } from './limits.ts';
import { createRandom } from './random.ts';

const given = (source: string, ok = true): ExpressionCompilation =>
  ok
    ? { ok, expression: { references: [], plainPath: null, evaluate: async () => source } }
    : { ok, failure: { code: 'syntax', message: source } };

const counting = (limits: { entries: number; characters: number }, make = given) => {
  const compiled: string[] = [];
  const compile = rememberCompilations((source) => {
    compiled.push(source);
    return make(source);
  }, limits);
  return { compile, compiled };
};

describe('compilations that are remembered', () => {
  it('are made once', () => {
    const { compile, compiled } = counting({ entries: 2, characters: 100 });
    expect(compile('a')).toBe(compile('a'));
    expect(compiled).toEqual(['a']);
  });

  it('are so many at most: the least recently used is forgotten', () => {
    const { compile, compiled } = counting({ entries: 2, characters: 100 });
    for (const source of ['a', 'b', 'a', 'c', 'a', 'b']) compile(source);
    expect(compiled).toEqual(['a', 'b', 'c', 'b']);
  });

  it('are so long at most, all together', () => {
    const { compile, compiled } = counting({ entries: 100, characters: 5 });
    for (const source of ['aaa', 'bb', 'aaa', 'cc', 'aaa', 'bb']) compile(source);
    expect(compiled).toEqual(['aaa', 'bb', 'cc', 'bb']);
  });

  it('leave the others where they are when one alone is too long', () => {
    const { compile, compiled } = counting({ entries: 100, characters: 3 });
    for (const source of ['aaa', 'bbbb', 'aaa', 'bbbb']) compile(source);
    expect(compiled).toEqual(['aaa', 'bbbb', 'bbbb']);
  });

  it('include a refusal, but none that another stack might not have given', () => {
    const refused = counting({ entries: 9, characters: 9 }, (source) => given(source, false));
    expect(refused.compile('a')).toBe(refused.compile('a'));
    const tooDeep = counting({ entries: 9, characters: 9 }, (message) => ({
      ok: false,
      failure: { code: 'budget', message },
    }));
    tooDeep.compile('a');
    tooDeep.compile('a');
    expect(tooDeep.compiled).toEqual(['a', 'a']);
  });

  it('know names that objects have of their own', () => {
    const { compile, compiled } = counting({ entries: 9, characters: 99 });
    compile('constructor');
    compile('__proto__');
    expect(compiled).toEqual(['constructor', '__proto__']);
  });
});

// Whatever an evaluation could leave behind in a compilation: time, randomness, variables, functions, patterns, memory
// of a parent, and the count of its steps.
const sources = [
  '$now() & $string($millis()) & $string($random())',
  '$toMillis("10:15", "[H]:[m]")',
  '$shuffle(trigger.numbers)',
  '($seen := trigger.name; $each := function($n) { $n & $seen & $string($random()) }; $map(trigger.numbers, $each))',
  '($f := function($n) { $n < 2 ? 1 : $n * $f($n - 1) }; $f(trigger.depth))',
  '($f := function($n) { $n = 0 ? "end" : $f($n - 1) }; $f(trigger.depth * 40))',
  '$match(trigger.name, /([a-z])-(\\d+)/).groups',
  '$replace(trigger.name, /(\\w)(\\d)/, function($m) { $m.groups[0] & $string($millis()) })',
  '$split(trigger.name, /\\d+/)',
  '$contains(trigger.name, /b+-2/)',
  'trigger.people^(>age).(name & " " & $string(age))',
  'trigger.people{name: $sum(age)}',
  'trigger.people.tags.{"of": %.name, "tag": $}',
  'trigger.people@$p.{"name": $p.name, "ages": $$.trigger.people.age}',
  'trigger.people#$i.{"name": name, "at": $i}',
  '$sort(trigger.numbers, function($l, $r) { $l < $r })',
  '$reduce(trigger.numbers, function($sum, $next) { $sum + $next }, 10)',
  '$filter(trigger.numbers, function($n) { $n < $$.trigger.depth })[]',
  '$sum($map(trigger.numbers, $power(?, 2)))',
  '[trigger.numbers, [$random(), $millis()]]',
  'trigger.numbers ~> $sum ~> $string',
  '$error(trigger.name)',
  'trigger.name + 1',
  '**.age',
];

const names = fc.stringMatching(/^[ab1-3-]{0,12}$/);
const evaluations = fc.record({
  source: fc.constantFrom(...sources),
  trigger: fc.record({
    name: names,
    numbers: fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 8 }),
    depth: fc.integer({ min: 0, max: 12 }),
    people: fc.array(
      fc.record({ name: names, age: fc.integer({ min: 0, max: 99 }), tags: fc.array(names, { maxLength: 3 }) }),
      { maxLength: 3 },
    ),
  }),
  now: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  seed: fc.integer(),
  steps: fc.oneof(fc.constant(50_000), fc.integer({ min: 1, max: 300 })),
  /** Microtasks by which it begins later than the others. */
  delay: fc.nat({ max: 40 }),
});
type Evaluation = typeof evaluations extends fc.Arbitrary<infer Value> ? Value : never;

const compiled = (source: string): CompiledExpression => {
  const compilation = compileExpression(source);
  if (!compilation.ok) throw new Error(compilation.failure.message);
  return compilation.expression;
};

const outcomeOf = async (expression: CompiledExpression, { trigger, now, seed, steps, delay }: Evaluation) => {
  for (let tick = 0; tick < delay; tick += 1) await Promise.resolve();
  const guard = createGuard({ ...expressionLimits, steps });
  const scope = { trigger, steps: {}, vars: {}, env: {} };
  try {
    const value = await expression.evaluate(scope, { guard, now, random: createRandom(seed) });
    return { value: JSON.stringify(value), spent: guard.spent };
  } catch (error) {
    guard.close();
    return { failure: explainFailure(error, 'failed'), spent: guard.spent };
  }
};

describe('one compilation', () => {
  it('serves evaluations that interleave as if each had one of its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(evaluations, { minLength: 2, maxLength: 12 }), async (all) => {
        const shared = new Map(sources.map((source) => [source, compiled(source)]));
        const alone = [];
        for (const each of all) alone.push(await outcomeOf(compiled(each.source), { ...each, delay: 0 }));
        const expressionOf = ({ source }: Evaluation) => shared.get(source) ?? compiled(source);
        expect(await Promise.all(all.map((each) => outcomeOf(expressionOf(each), each)))).toEqual(alone);
        // Once more, in the other order, with what the first evaluations might have left behind.
        const again = await Promise.all(all.toReversed().map((each) => outcomeOf(expressionOf(each), each)));
        expect(again.toReversed()).toEqual(alone);
      }),
      { numRuns: 100 },
    );
  });

  it('makes something of each of these expressions, so that the comparison means something', async () => {
    const trigger = {
      name: 'ab-2b1',
      numbers: [3, 1, 2],
      depth: 3,
      people: [{ name: 'a', age: 7, tags: ['a', 'b'] }],
    };
    const plain = { trigger, now: 1, seed: 1, steps: 50_000, delay: 0 };
    const outcomes = await Promise.all(
      sources.map(async (source) => ({ source, ...(await outcomeOf(compiled(source), { ...plain, source })) })),
    );
    expect(outcomes.filter(({ value }) => value === undefined).map(({ source }) => source)).toEqual([
      '$error(trigger.name)',
      'trigger.name + 1',
    ]);
  });
});
