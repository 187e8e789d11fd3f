import type { Json } from '@everwave/schema/flow';
import type { JsonSchemaObject } from './chat-model.ts';

/** Vendors hold a model to these; everything else in a schema we check ourselves when the reply is there. */
const kept = ['type', 'title', 'description', 'enum', 'const', '$comment'];
const dropped = [
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$schema',
  '$id',
];

export interface StrictSchema {
  readonly schema: JsonSchemaObject;
  /** Something of the author's schema is not in it. */
  readonly isLooser: boolean;
  /** Every property is required, as OpenAI's strict mode wants. */
  readonly requiresAll: boolean;
}

/**
 * The part of an author's JSON Schema that vendors enforce (closed objects, no constraints on values). `null` when the
 * schema cannot be told so: it is an open object, or uses oneOf, allOf, not.
 */
export const toStrictSchema = (schema: JsonSchemaObject): StrictSchema | null => {
  const notes = { isLooser: false, requiresAll: true };
  const strict = convert(schema, notes);
  return strict && strict['type'] === 'object' ? { schema: strict, ...notes } : null;
};

const convert = (
  schema: Json | undefined,
  notes: { isLooser: boolean; requiresAll: boolean },
): JsonSchemaObject | null => {
  if (!isObject(schema)) return null;
  const result: Record<string, Json> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (kept.includes(keyword)) {
      result[keyword] = value;
    } else if (dropped.includes(keyword)) {
      notes.isLooser = true;
    } else if (keyword === 'items') {
      const items = convert(value, notes);
      if (!items) return null;
      result[keyword] = items;
    } else if (keyword === 'anyOf' && Array.isArray(value)) {
      const choices = value.map((choice: Json) => convert(choice, notes));
      if (choices.includes(null)) return null;
      result[keyword] = choices as Json[];
    } else if (!['properties', 'required', 'additionalProperties'].includes(keyword)) {
      return null;
    }
  }
  return result['type'] === 'object' || 'properties' in schema ? closeObject(schema, result, notes) : result;
};

const closeObject = (
  schema: JsonSchemaObject,
  result: Record<string, Json>,
  notes: { isLooser: boolean; requiresAll: boolean },
): JsonSchemaObject | null => {
  const { properties, required, additionalProperties = false } = schema;
  if (!isObject(properties) || additionalProperties !== false) return null;
  const converted = Object.entries(properties).map(([name, inner]) => [name, convert(inner, notes)] as const);
  if (converted.some(([, inner]) => inner === null)) return null;
  const names = Array.isArray(required) ? required.map(String) : [];
  if (converted.some(([name]) => !names.includes(name))) notes.requiresAll = false;
  return {
    ...result,
    type: 'object',
    properties: Object.fromEntries(converted) as JsonSchemaObject,
    required: names,
    additionalProperties: false,
  };
};

const isObject = (value: Json | undefined): value is JsonSchemaObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** How a model is asked for JSON where its vendor does not hold it to the whole schema. */
export const schemaInWords = (schema: JsonSchemaObject): string =>
  `Reply with one JSON value and nothing else: no prose, no code fence. It has to fit this JSON Schema:\n${JSON.stringify(schema)}`;

/** A system prompt with a further demand. */
export const withDemand = (system: string | null, demand: string): string =>
  system ? `${system}\n\n${demand}` : demand;
