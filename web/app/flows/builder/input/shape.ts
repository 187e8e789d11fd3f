import type { Json } from '@everwave/schema/flow';
import type { JsonSchema } from '@everwave/schema/node';
import { titleOf } from '#app/schema-form/form-fields.ts';

/** How a builder fills in a value: one control per shape, and none of them asks for JSON. */
export type Shape =
  | { readonly kind: 'text'; readonly isLong: boolean; readonly isLiteral: boolean }
  | { readonly kind: 'code' }
  | { readonly kind: 'duration' }
  | { readonly kind: 'number'; readonly isWhole: boolean; readonly isLiteral: boolean }
  | { readonly kind: 'switch' }
  | { readonly kind: 'choice'; readonly choices: readonly Choice[] }
  | { readonly kind: 'list'; readonly item: Shape; readonly title: string }
  | { readonly kind: 'fields'; readonly fields: readonly ShapedField[] }
  | { readonly kind: 'pairs'; readonly value: Shape }
  | { readonly kind: 'condition' }
  /** Whatever the author wants: its type is the first thing that is asked. */
  | { readonly kind: 'any' };

export interface Choice {
  readonly value: Json;
  readonly title: string;
}

export interface ShapedField {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly placeholder: string | null;
  readonly isRequired: boolean;
  /** What the step takes when the field is left alone. */
  readonly fallback: Json | undefined;
  readonly shape: Shape;
}

interface Schema {
  readonly [key: string]: unknown;
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const schemasIn = (value: unknown): readonly Schema[] => (Array.isArray(value) ? value.filter(isSchema) : []);

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The fields of a step's form, from its manifest's input schema, in the schema's order. */
export const toShapedFields = (schema: JsonSchema): readonly ShapedField[] => fieldsOf(schema, schema);

const fieldsOf = (schema: Schema, root: JsonSchema): readonly ShapedField[] => {
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  return Object.entries(properties).map(([name, given]) => {
    const property = isSchema(given) ? given : {};
    return {
      name,
      title: text(property['title']) ?? titleOf(name),
      description: text(property['description']),
      placeholder: text(property['placeholder']),
      isRequired: required.has(name) && property['default'] === undefined,
      fallback: property['default'] as Json | undefined,
      shape: shapeOf(property, root),
    };
  });
};

const shapeOf = (given: Schema, root: JsonSchema, depth = 0): Shape => {
  const widget = given['widget'];
  if (widget === 'condition') return { kind: 'condition' };
  if (widget === 'code') return { kind: 'code' };
  if (widget === 'duration') return { kind: 'duration' };
  const schema = followed(given, root);
  if (depth > 6) return { kind: 'any' };
  const isLiteral = schema['literal'] === true;
  if (Array.isArray(schema['enum'])) return { kind: 'choice', choices: choicesOf(schema['enum'] as Json[], schema) };
  if (schema['const'] !== undefined) return { kind: 'choice', choices: choicesOf([schema['const'] as Json], schema) };
  const ways = [...schemasIn(schema['anyOf']), ...schemasIn(schema['oneOf'])].map((way) => followed(way, root));
  if (ways.length > 0) return shapeOfWays(ways, widget, root, depth);
  switch (schema['type']) {
    case 'string':
      return { kind: 'text', isLong: widget === 'template', isLiteral };
    case 'integer':
    case 'number':
      return { kind: 'number', isWhole: schema['type'] === 'integer', isLiteral };
    case 'boolean':
      return { kind: 'switch' };
    case 'array': {
      const item = isSchema(schema['items']) ? schema['items'] : {};
      return { kind: 'list', item: shapeOf(item, root, depth + 1), title: text(item['title']) ?? 'Entry' };
    }
    case 'object': {
      const fields = fieldsOf(schema, root);
      if (fields.length > 0) return { kind: 'fields', fields };
      const value = isSchema(schema['additionalProperties']) ? schema['additionalProperties'] : {};
      return { kind: 'pairs', value: shapeOf(value, root, depth + 1) };
    }
    default:
      return { kind: 'any' };
  }
};

/** Of several ways to write a value a text stands for all: one expression in it gives any of them. */
const shapeOfWays = (ways: readonly Schema[], widget: unknown, root: JsonSchema, depth: number): Shape => {
  const objects = ways.filter(({ type }) => type === 'object');
  if (objects.length === ways.length && ways.every(({ properties }) => isSchema(properties))) {
    return { kind: 'fields', fields: commonFields(ways.map((way) => fieldsOf(way, root))) };
  }
  if (widget === 'template' && !ways.every(({ type }) => type === undefined)) {
    const isAnything = ways.some(({ type }) => type === 'null') || ways.length > 3;
    if (!isAnything) return { kind: 'text', isLong: true, isLiteral: false };
  }
  const scalars = ways.filter(({ type }) => type === 'string' || type === 'number' || type === 'boolean');
  if (scalars.length > 0 && ways.length - scalars.length <= 1 && ways.length <= 4 && depth > 0) {
    return { kind: 'text', isLong: false, isLiteral: false };
  }
  return { kind: 'any' };
};

/** Fields of variants that are told apart by a choice, as one form. */
const commonFields = (variants: readonly (readonly ShapedField[])[]): readonly ShapedField[] => {
  const merged = new Map<string, ShapedField>();
  for (const field of variants.flat()) {
    const known = merged.get(field.name);
    if (!known) merged.set(field.name, field);
    else if (known.shape.kind === 'choice' && field.shape.kind === 'choice') {
      const choices = [...known.shape.choices, ...field.shape.choices];
      merged.set(field.name, { ...known, shape: { kind: 'choice', choices } });
    } else if (known.shape.kind !== field.shape.kind) merged.set(field.name, { ...known, shape: { kind: 'any' } });
  }
  return [...merged.values()].map((field) => ({
    ...field,
    isRequired: field.isRequired && variants.every((fields) => fields.some(({ name }) => name === field.name)),
  }));
};

const choicesOf = (values: readonly Json[], { labels }: Schema): readonly Choice[] =>
  values.map((value) => {
    const name = typeof value === 'string' ? value : JSON.stringify(value);
    const label = isSchema(labels) ? text(labels[name]) : null;
    return { value, title: label ?? name };
  });

/** What a reference stands for, with the hints beside it. */
const followed = (schema: Schema, root: JsonSchema): Schema => {
  const name = text(schema['$ref'])?.replace('#/$defs/', '');
  const defs = root['$defs'];
  const found = name !== undefined && isSchema(defs) ? defs[name] : undefined;
  if (!isSchema(found)) return schema;
  const { $ref: _, ...rest } = schema;
  return { ...found, ...rest };
};
