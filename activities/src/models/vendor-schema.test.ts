import { describe, expect, it } from 'vitest';
import { toStrictSchema } from './vendor-schema.ts';

const closed = (properties: object, required: string[]) =>
  ({ type: 'object', properties, required, additionalProperties: false }) as Parameters<typeof toStrictSchema>[0];

describe('the part of a schema that vendors enforce', () => {
  it('is the whole of a closed one', () => {
    const schema = closed({ lines: { type: 'array', items: closed({ sku: { type: 'string' } }, ['sku']) } }, ['lines']);
    expect(toStrictSchema(schema)).toEqual({ schema, isLooser: false, requiresAll: true });
  });

  it('leaves out what constrains a value, and says so', () => {
    const strict = toStrictSchema(closed({ total: { type: 'number', minimum: 0, description: 'In EUR.' } }, ['total']));
    expect(strict).toEqual({
      schema: closed({ total: { type: 'number', description: 'In EUR.' } }, ['total']),
      isLooser: true,
      requiresAll: true,
    });
  });

  it('closes what the author left open by saying nothing, and keeps optional fields optional', () => {
    expect(toStrictSchema({ type: 'object', properties: { a: { type: 'string' } } })).toEqual({
      schema: closed({ a: { type: 'string' } }, []),
      isLooser: false,
      requiresAll: false,
    });
  });

  it.each([
    [{ type: 'array', items: { type: 'string' } }],
    [{ type: 'object' }],
    [closed({ a: { oneOf: [{ type: 'string' }] } }, ['a'])],
    [closed({ a: { type: 'object', additionalProperties: { type: 'string' } } }, ['a'])],
    [{ type: 'object', properties: {}, additionalProperties: true }],
    [closed({ a: { anyOf: [{ type: 'string' }, { not: {} }] } }, ['a'])],
    [closed({ a: true }, ['a'])],
  ])('is nothing where a closed object cannot tell it: %j', (schema) => {
    expect(toStrictSchema(schema as Parameters<typeof toStrictSchema>[0])).toBeNull();
  });
});
