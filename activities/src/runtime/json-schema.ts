import type { Json } from '@everwave/schema/flow';
import { RE2JS } from 're2js';
import * as z from 'zod';

/** Adds a reason, in words, for everything that does not fit. `path` is where the value stands: `lines.0.sku`. */
export type Check = (value: Json, path: string, reasons: string[]) => void;

/** The schema uses something this checker does not know: better to say so than to pass everything. */
export class UnsupportedSchema extends Error {
  override readonly name = 'UnsupportedSchema';
}

type JsonObject = { readonly [key: string]: Json };
type Compile = (argument: Json, schema: JsonObject, place: string) => Check;

/** Keywords that describe and do not check. */
const annotations = [
  'title',
  'description',
  'default',
  'examples',
  '$schema',
  '$id',
  '$comment',
  'deprecated',
  'readOnly',
  'writeOnly',
];
/** Read by another keyword. */
const companions = ['additionalProperties'];
const deepest = 50;

/**
 * Compiles a JSON Schema (2020-12, without references) into a check. Patterns run in linear time, so no record can
 * stall the worker.
 */
export const compileJsonSchema = (schema: Json, place = '#', depth = 0): Check => {
  if (depth > deepest) throw new UnsupportedSchema(`${place}: nested more than ${deepest} levels deep.`);
  if (schema === true) return () => {};
  if (schema === false) return (_value, path, reasons) => void reasons.push(`${name(path)} is not allowed`);
  if (!isObject(schema)) throw new UnsupportedSchema(`${place} is no schema.`);
  const checks = Object.entries(schema)
    .filter(([keyword]) => !annotations.includes(keyword) && !companions.includes(keyword))
    .map(([keyword, argument]) => {
      const compile = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined;
      if (!compile) throw new UnsupportedSchema(`${place}: the keyword "${keyword}" is not supported.`);
      return compile(depth)(argument, schema, `${place}/${keyword}`);
    });
  if (!('properties' in schema) && schema['additionalProperties'] !== undefined) {
    checks.push(propertiesCheck({}, schema, place, depth));
  }
  return (value, path, reasons) => {
    for (const check of checks) check(value, path, reasons);
  };
};

const name = (path: string): string => path || 'the record';
const at = (path: string, key: string | number): string => (path ? `${path}.${key}` : String(key));
const isObject = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
const typeOf = (value: Json): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const isEqual = (one: Json, other: Json): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
const sorted = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key] ?? null)]),
  );
};

const isType = (value: Json, type: string): boolean =>
  type === 'integer' ? Number.isInteger(value) : typeOf(value) === type;

const typeCheck: Compile = (argument, _schema, place) => {
  const known = ['string', 'number', 'integer', 'boolean', 'null', 'array', 'object'];
  const types = (Array.isArray(argument) ? argument : [argument]).map(String);
  const unknown = types.find((type) => !known.includes(type));
  if (unknown !== undefined) throw new UnsupportedSchema(`${place}: "${unknown}" is no type.`);
  return (value, path, reasons) => {
    if (!types.some((type) => isType(value, type)))
      reasons.push(`${name(path)} is ${typeOf(value)}, not ${types.join(' or ')}`);
  };
};

/** A keyword with a number for its argument, about values of one type. */
const measure =
  (
    sizeOf: (value: Json) => number | null,
    fits: (size: number, limit: number) => boolean,
    say: (limit: number) => string,
  ): Compile =>
  (argument, _schema, place) => {
    if (typeof argument !== 'number') throw new UnsupportedSchema(`${place} is no number.`);
    return (value, path, reasons) => {
      const size = sizeOf(value);
      if (size !== null && !fits(size, argument)) reasons.push(`${name(path)} ${say(argument)}`);
    };
  };
const numberIn = (value: Json) => (typeof value === 'number' ? value : null);
const lengthOf = (value: Json) => (typeof value === 'string' ? Array.from(value).length : null);
const countOf = (value: Json) => (Array.isArray(value) ? value.length : null);
const isAtLeast = (size: number, limit: number) => size >= limit;
const isAtMost = (size: number, limit: number) => size <= limit;

const textIn = (argument: Json, place: string): string => {
  if (typeof argument !== 'string') throw new UnsupportedSchema(`${place} is no text.`);
  return argument;
};

const patternCheck: Compile = (argument, _schema, place) => {
  const source = textIn(argument, place);
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(source);
  } catch {
    throw new UnsupportedSchema(`${place}: "${source}" is no pattern in RE2's syntax.`);
  }
  return (value, path, reasons) => {
    if (typeof value === 'string' && !pattern.matcher(value).find())
      reasons.push(`${name(path)} does not match ${source}`);
  };
};

const formats = new Map<string, z.ZodType>([
  ['email', z.email()],
  ['date', z.iso.date()],
  ['date-time', z.iso.datetime({ offset: true })],
  ['time', z.iso.time()],
  ['uri', z.url()],
  ['url', z.url()],
  ['uuid', z.uuid()],
  ['ipv4', z.ipv4()],
  ['ipv6', z.ipv6()],
]);

const formatCheck: Compile = (argument, _schema, place) => {
  const kind = textIn(argument, place);
  const format = formats.get(kind);
  if (!format) throw new UnsupportedSchema(`${place}: the format "${kind}" is not supported.`);
  return (value, path, reasons) => {
    if (typeof value === 'string' && !format.safeParse(value).success) reasons.push(`${name(path)} is no ${kind}`);
  };
};

const propertiesCheck = (argument: Json, schema: JsonObject, place: string, depth: number): Check => {
  if (!isObject(argument)) throw new UnsupportedSchema(`${place} is no object.`);
  const known = new Map(
    Object.entries(argument).map(([key, inner]) => [key, compileJsonSchema(inner, `${place}/${key}`, depth + 1)]),
  );
  const others = schema['additionalProperties'];
  const other = others === undefined ? null : compileJsonSchema(others, `${place}/additionalProperties`, depth + 1);
  return (value, path, reasons) => {
    if (!isObject(value)) return;
    for (const [key, inner] of Object.entries(value)) (known.get(key) ?? other)?.(inner, at(path, key), reasons);
  };
};

const listOf = (argument: Json, place: string, depth: number): Check[] => {
  if (!Array.isArray(argument)) throw new UnsupportedSchema(`${place} is no list of schemas.`);
  return argument.map((inner: Json, index) => compileJsonSchema(inner, `${place}/${index}`, depth + 1));
};
const passing = (checks: readonly Check[], value: Json, path: string): number =>
  checks.filter((check) => {
    const reasons: string[] = [];
    check(value, path, reasons);
    return reasons.length === 0;
  }).length;

const keywords: Readonly<Record<string, (depth: number) => Compile>> = {
  type: () => typeCheck,
  enum: () => (argument, _schema, place) => {
    if (!Array.isArray(argument)) throw new UnsupportedSchema(`${place} is no list.`);
    const choices: readonly Json[] = argument;
    return (value, path, reasons) => {
      if (!choices.some((choice) => isEqual(choice, value))) {
        reasons.push(`${name(path)} is none of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`);
      }
    };
  },
  const: () => (argument) => (value, path, reasons) => {
    if (!isEqual(argument, value)) reasons.push(`${name(path)} is not ${JSON.stringify(argument)}`);
  },
  required: () => (argument, _schema, place) => {
    if (!Array.isArray(argument)) throw new UnsupportedSchema(`${place} is no list.`);
    const fields = argument.map(String);
    return (value, path, reasons) => {
      if (!isObject(value)) return;
      for (const field of fields) if (!Object.hasOwn(value, field)) reasons.push(`${at(path, field)} is missing`);
    };
  },
  properties: (depth) => (argument, schema, place) => propertiesCheck(argument, schema, place, depth),
  items: (depth) => (argument, _schema, place) => {
    const check = compileJsonSchema(argument, place, depth + 1);
    return (value, path, reasons) => {
      if (Array.isArray(value)) value.forEach((item: Json, index) => check(item, at(path, index), reasons));
    };
  },
  uniqueItems: () => (argument) => (value, path, reasons) => {
    if (argument !== true || !Array.isArray(value)) return;
    const seen = new Set(value.map((item: Json) => JSON.stringify(sorted(item))));
    if (seen.size < value.length) reasons.push(`${name(path)} holds a value twice`);
  },
  minItems: () => measure(countOf, isAtLeast, (limit) => `has fewer than ${limit} items`),
  maxItems: () => measure(countOf, isAtMost, (limit) => `has more than ${limit} items`),
  minLength: () => measure(lengthOf, isAtLeast, (limit) => `is shorter than ${limit} characters`),
  maxLength: () => measure(lengthOf, isAtMost, (limit) => `is longer than ${limit} characters`),
  minimum: () => measure(numberIn, isAtLeast, (limit) => `is less than ${limit}`),
  maximum: () => measure(numberIn, isAtMost, (limit) => `is more than ${limit}`),
  exclusiveMinimum: () =>
    measure(
      numberIn,
      (size, limit) => size > limit,
      (limit) => `is not more than ${limit}`,
    ),
  exclusiveMaximum: () =>
    measure(
      numberIn,
      (size, limit) => size < limit,
      (limit) => `is not less than ${limit}`,
    ),
  multipleOf: () =>
    measure(
      numberIn,
      (size, step) => Math.abs(size / step - Math.round(size / step)) < 1e-9,
      (step) => `is no multiple of ${step}`,
    ),
  pattern: () => patternCheck,
  format: () => formatCheck,
  allOf: (depth) => (argument, _schema, place) => {
    const checks = listOf(argument, place, depth);
    return (value, path, reasons) => checks.forEach((check) => check(value, path, reasons));
  },
  anyOf: (depth) => (argument, _schema, place) => {
    const checks = listOf(argument, place, depth);
    return (value, path, reasons) => {
      if (passing(checks, value, path) === 0) reasons.push(`${name(path)} fits none of the ${checks.length} shapes`);
    };
  },
  oneOf: (depth) => (argument, _schema, place) => {
    const checks = listOf(argument, place, depth);
    return (value, path, reasons) => {
      const fits = passing(checks, value, path);
      if (fits !== 1) reasons.push(`${name(path)} fits ${fits} of the ${checks.length} shapes, not exactly one`);
    };
  },
  not: (depth) => (argument, _schema, place) => {
    const check = compileJsonSchema(argument, place, depth + 1);
    return (value, path, reasons) => {
      if (passing([check], value, path) === 1) reasons.push(`${name(path)} has a shape that is excluded`);
    };
  },
};
