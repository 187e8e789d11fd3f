import { describe, expect, it, onTestFinished } from 'vitest';
import { provesEveryFailure } from '../../../testing/proves-every-failure.ts';
import { createNodeHarness } from '../../../testing/run-node.ts';
import { validate } from './activity.ts';

type Input = Parameters<ReturnType<typeof createNodeHarness>['run']>[0];

const run = (input: Input) => {
  const node = createNodeHarness(validate);
  onTestFinished(() => node.close());
  return node.run(input);
};
const reasonsFor = async (record: Input, check: { schema?: Input; rules?: Input }): Promise<string[]> => {
  const ending = await run({ records: [record], ...check } as Input);
  if (!ending.ok) throw ending.error;
  return (ending.output as { invalid: { reasons: string[] }[] }).invalid[0]?.reasons ?? [];
};

provesEveryFailure(validate);

describe('data.validate', () => {
  it('sorts records and says why', async () => {
    const records = [{ email: 'ada@example.com', total: 10 }, { email: 'nobody', total: 'x' }, { total: 5 }];
    const rules = [
      { field: 'email', check: 'present' },
      { field: 'email', check: 'email' },
      { field: 'total', check: 'minimum', value: 1 },
    ];
    expect(await run({ records, rules })).toEqual({
      ok: true,
      output: {
        valid: [records[0]],
        invalid: [
          { index: 1, record: records[1], reasons: ['email is no email', 'total is string, not number'] },
          { index: 2, record: records[2], reasons: ['email is missing'] },
        ],
        allValid: false,
      },
    });
  });

  it.each<[Input, string[]]>([
    [{ field: 'a', check: 'present' }, ['a is empty']],
    [{ field: 'b.c', check: 'text' }, ['b.c is number, not string']],
    [{ field: 'b.c', check: 'boolean' }, ['b.c is number, not boolean']],
    [{ field: 'b.d', check: 'integer' }, ['b.d is number, not integer']],
    [{ field: 'text', check: 'url' }, ['text is no url']],
    [{ field: 'text', check: 'date' }, ['text is no date']],
    [{ field: 'text', check: 'dateTime' }, ['text is no date-time']],
    [{ field: 'text', check: 'minLength', value: 5 }, ['text is shorter than 5 characters']],
    [{ field: 'text', check: 'maxLength', value: 3 }, ['text is longer than 3 characters']],
    [{ field: 'b.c', check: 'maximum', value: 0 }, ['b.c is more than 0']],
    [{ field: 'text', check: 'pattern', value: '^[0-9]+$' }, ['text does not match ^[0-9]+$']],
    [{ field: 'text', check: 'oneOf', value: ['x', 1] }, ['text is none of "x", 1']],
    [{ field: 'list.0', check: 'number' }, ['list.0 is string, not number']],
    [{ field: 'missing', check: 'number' }, []],
    [{ field: 'constructor', check: 'present' }, ['constructor is missing']],
  ])('holds a record to the rule %j', async (rule, reasons) => {
    const record = { a: '', b: { c: 1, d: 1.5 }, text: 'abcd', list: ['x'] };
    expect(await reasonsFor(record, { rules: [rule] })).toEqual(reasons);
  });

  it.each<[Input, Input, string[]]>([
    [{ type: 'object', required: ['a'] }, {}, ['a is missing']],
    [{ type: ['string', 'null'] }, 1, ['the record is number, not string or null']],
    [
      { properties: { a: { type: 'string' } }, additionalProperties: false },
      { a: 1, b: 2 },
      ['a is number, not string', 'b is not allowed'],
    ],
    [{ additionalProperties: { type: 'number' } }, { a: 'x' }, ['a is string, not number']],
    [
      { items: { type: 'integer' }, minItems: 3 },
      [1, 1.5],
      ['1 is number, not integer', 'the record has fewer than 3 items'],
    ],
    [
      { uniqueItems: true, maxItems: 1 },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      ['the record holds a value twice', 'the record has more than 1 items'],
    ],
    [{ enum: ['a', { b: 1 }] }, { b: 1 }, []],
    [{ const: { a: 1, b: 2 } }, { b: 2, a: 1 }, []],
    [{ minimum: 1, exclusiveMaximum: 5, multipleOf: 0.5 }, 5, ['the record is not less than 5']],
    [
      { exclusiveMinimum: 5, maximum: 4, multipleOf: 2 },
      5,
      ['the record is not more than 5', 'the record is more than 4', 'the record is no multiple of 2'],
    ],
    [{ pattern: '^a' }, 'b', ['the record does not match ^a']],
    [{ format: 'uuid' }, 'x', ['the record is no uuid']],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 1, ['the record fits none of the 2 shapes']],
    [{ oneOf: [{ type: 'number' }, { minimum: 0 }] }, 1, ['the record fits 2 of the 2 shapes, not exactly one']],
    [{ allOf: [{ minLength: 2 }, { maxLength: 3 }] }, 'a', ['the record is shorter than 2 characters']],
    [{ not: { type: 'string' } }, 'a', ['the record has a shape that is excluded']],
    [{ title: 'T', description: 'D', type: 'string' }, 'a', []],
    [true, 1, []],
    [false, 1, ['the record is not allowed']],
  ])('holds a record to the schema %j', async (schema, record, reasons) => {
    expect(await reasonsFor(record, { schema })).toEqual(reasons);
  });

  it.each<[Input, string]>([
    [{ $ref: '#/x' }, '#: the keyword "$ref" is not supported.'],
    [{ properties: { a: { type: 'text' } } }, '#/properties/a/type: "text" is no type.'],
    [{ pattern: '(?<=a)b' }, '#/pattern: "(?<=a)b" is no pattern in RE2\'s syntax.'],
    [{ format: 'phone' }, '#/format: the format "phone" is not supported.'],
    [{ minimum: 'x' }, '#/minimum is no number.'],
    [{ items: 5 }, '#/items is no schema.'],
  ])('refuses the schema %j', async (schema, message) => {
    expect(await run({ records: [], schema } as Input)).toMatchObject({
      type: 'unsupported_schema',
      retryable: false,
      message,
    });
  });

  it('checks a pattern that stalls other engines in no time', async () => {
    const before = performance.now();
    const reasons = await reasonsFor('a'.repeat(100_000) + '!', { schema: { pattern: '^(a+)+$' } });
    expect(reasons).toHaveLength(1);
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it.each<[Input, string]>([
    [{ records: [1] }, 'rules: Give at least one rule, or a JSON Schema.'],
    [{ records: 'x', schema: true }, 'records: '],
    [{ records: [], rules: [{ field: 'a', check: 'minimum' }] }, 'rules.0.value: '],
    [{ records: [], rules: [{ field: 'a', check: 'odd' }] }, 'rules.0.check: '],
  ])('names the field of a bad input: %j', async (input, message) => {
    const ending = await run(input);
    expect(ending).toMatchObject({ type: 'invalid_input', retryable: false });
    expect(ending.ok ? '' : ending.message).toContain(message);
  });
});
