import { coreManifests } from '@everwave/schema/flow';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { asType, typeOfValue, valueTypes } from './any-value.ts';
import { type Shape, type ShapedField, toShapedFields } from './shape.ts';

const inputs = new Map(coreManifests.map(({ kind, input }) => [kind, input]));
const kindsOf = (fields: readonly ShapedField[]): Readonly<Record<string, Shape['kind']>> =>
  Object.fromEntries(fields.map(({ name, shape }) => [name, shape.kind]));
const shapesOf = (kind: string) => kindsOf(toShapedFields(inputs.get(kind) ?? {}));

const anything = z.json();
const request = z.strictObject({
  method: z.enum(['GET', 'POST']).default('GET'),
  url: z.string().meta({ widget: 'template' }),
  query: z
    .record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]))
    .default({})
    .meta({ widget: 'json' }),
  body: anything.optional().meta({ widget: 'json' }),
  to: z.union([z.string(), z.array(z.string())]).meta({ widget: 'template' }),
  html: z.string().optional().meta({ widget: 'code' }),
  file: z.union([z.object({ ref: z.string() }), z.array(z.object({ ref: z.string() }))]).meta({ widget: 'template' }),
  followRedirects: z.boolean().default(false),
  timeoutSeconds: z.int().default(30),
  rules: z.array(
    z.discriminatedUnion('check', [
      z.object({ field: z.string(), check: z.enum(['present', 'email']) }),
      z.object({ field: z.string(), check: z.enum(['minimum']), value: z.number() }),
      z.object({ field: z.string(), check: z.literal('pattern'), value: z.string() }),
    ]),
  ),
});
const fields = toShapedFields(z.toJSONSchema(request, { io: 'input' }) as Readonly<Record<string, unknown>>);

describe('the form of a step', () => {
  it('has one control for each field, by its meaning', () => {
    expect(kindsOf(fields)).toEqual({
      method: 'choice',
      url: 'text',
      query: 'pairs',
      body: 'any',
      to: 'text',
      html: 'code',
      file: 'text',
      followRedirects: 'switch',
      timeoutSeconds: 'number',
      rules: 'list',
    });
    expect(shapesOf('control.condition')).toEqual({ condition: 'condition' });
    expect(shapesOf('control.switch')).toEqual({ value: 'any', cases: 'list' });
    expect(shapesOf('control.delay')).toEqual({ duration: 'duration' });
    expect(shapesOf('control.setVariables')).toEqual({ variables: 'pairs' });
  });

  it('shows variants that a choice tells apart as one form', () => {
    const rules = fields.find(({ name }) => name === 'rules');
    if (rules?.shape.kind !== 'list' || rules.shape.item.kind !== 'fields') throw new Error('A list of fields.');
    const [field, check, value] = rules.shape.item.fields;
    expect(field).toMatchObject({ name: 'field', isRequired: true });
    expect(check?.shape.kind === 'choice' ? check.shape.choices.map((choice) => choice.value) : []).toEqual([
      'present',
      'email',
      'minimum',
      'pattern',
    ]);
    expect(value).toMatchObject({ name: 'value', isRequired: false, shape: { kind: 'any' } });
  });

  it('asks for what a field takes, in its own words, and knows what it takes when left alone', () => {
    const [signature, answer] = toShapedFields(inputs.get('trigger.webhook') ?? {}) as readonly [
      ShapedField,
      ShapedField,
    ];
    expect(signature).toMatchObject({ title: 'Signature', fallback: 'none', isRequired: false });
    expect(answer.shape).toMatchObject({ choices: [{ title: 'At once, that the delivery is stored' }, {}] });
  });
});

describe('any value', () => {
  it.each([
    ['text', 'abc'],
    ['number', 4],
    ['boolean', true],
    ['list', [1]],
    ['fields', { a: 1 }],
    ['nothing', null],
  ] as const)('is a %s', (type, value) => {
    expect(typeOfValue(value)).toBe(type);
    expect(asType(value, type)).toEqual(value);
  });

  it('keeps what it can as another type', () => {
    expect(asType('12.5', 'number')).toBe(12.5);
    expect(asType('many', 'number')).toBe(0);
    expect(asType(12, 'text')).toBe('12');
    expect(asType('{{ trigger.body.lines }}', 'list')).toEqual(['{{ trigger.body.lines }}']);
    expect(asType('', 'list')).toEqual([]);
    for (const type of Object.keys(valueTypes)) expect(typeOfValue(asType('x', type as never))).toBe(type);
  });
});
