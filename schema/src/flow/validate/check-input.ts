import type { JsonSchema } from '../../node/manifest.ts';
import { hasExpression } from '../expression/template.ts';
import type { Json } from '../plan.ts';

/** One thing wrong with a value, with its place inside the value. */
export interface InputProblem {
  readonly code: 'missing_field' | 'unknown_field' | 'wrong_type' | 'invalid_value';
  readonly message: string;
  readonly path: readonly (string | number)[];
}

type Path = readonly (string | number)[];

/** The part of JSON Schema 2020-12 that our nodes' inputs are written in, read from `z.toJSONSchema`. */
interface Schema {
  readonly $ref?: string;
  readonly $defs?: { readonly [name: string]: Schema };
  readonly title?: string;
  /** Our hint: what the pattern means, as the end of a sentence that begins with the field's title. */
  readonly message?: string;
  /** Our hint: read when the flow is published, so it takes no expression. */
  readonly literal?: boolean;
  readonly type?: string | readonly string[];
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema | boolean;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
}

const typeOf = (value: Json): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
};

const typeWords: { readonly [type: string]: string } = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'empty',
};

const isObject = (value: Json): value is { readonly [key: string]: Json } => typeOf(value) === 'object';

const allows = (type: string, value: Json): boolean =>
  type === typeOf(value) || (type === 'integer' && Number.isInteger(value));

const hasType = (schema: Schema, value: Json): boolean =>
  schema.type === undefined || [schema.type].flat().some((type) => allows(type, value));

/** Name of a place for a person: the form's title where there is one. */
const nameOf = (schema: Schema, path: Path): string => {
  const key = path.at(-1);
  return schema.title ?? (key === undefined ? 'The input' : String(key));
};

/**
 * Checks authored input against a node's JSON Schema. A string that holds an expression is accepted anywhere: what it
 * gives is known only in a run.
 */
export const checkInput = (schema: JsonSchema, input: Json): readonly InputProblem[] => {
  const root = schema as Schema;

  const resolve = (part: Schema): Schema => {
    const name = part.$ref?.replace(/^#\/\$defs\//, '');
    if (name === undefined) return part;
    const target = name === '#' ? root : root.$defs?.[name];
    if (!target) throw new Error(`The node's schema refers to ${part.$ref}, which it does not define.`);
    const { $ref: _reference, ...own } = part;
    return { ...resolve(target), ...own };
  };

  const check = (unresolved: Schema, value: Json, path: Path): InputProblem[] => {
    const part = resolve(unresolved);
    const name = nameOf(part, path);
    if (typeof value === 'string' && hasExpression(value)) {
      if (!part.literal) return [];
      return [
        {
          code: 'invalid_value',
          path,
          message: `${name} is fixed when the flow is published: it takes no expression.`,
        },
      ];
    }
    if (!hasType(part, value)) {
      const wanted = [part.type ?? []].flat().map((type) => typeWords[type] ?? type);
      return [{ code: 'wrong_type', path, message: `${name} must be ${wanted.join(' or ')}, or an expression.` }];
    }
    return [
      ...checkChoice(part, value, path),
      ...checkScalar(part, value).map((rule) => ({
        code: 'invalid_value' as const,
        path,
        message: `${name} ${rule}.`,
      })),
      ...(Array.isArray(value) ? checkList(part, value as readonly Json[], path) : []),
      ...(isObject(value) ? checkObject(part, value, path) : []),
      ...(part.allOf ?? []).flatMap((each) => check(each, value, path)),
    ];
  };

  /** One of several shapes: when none fits, the shape that comes closest says what is wrong. */
  const checkChoice = (part: Schema, value: Json, path: Path): InputProblem[] => {
    const choices = part.anyOf ?? part.oneOf;
    if (!choices) return [];
    const results = choices.map((choice) => check(choice, value, path));
    if (results.some((problems) => problems.length === 0)) return [];
    const rightType = results.filter((_, index) => hasType(resolve(choices[index] ?? {}), value));
    const known = isObject(value)
      ? rightType.filter((_, index) => sharesAKey(resolve(choices[index] ?? {}), value))
      : rightType;
    const [closest] = (known.length > 0 ? known : rightType).toSorted((left, right) => left.length - right.length);
    if (closest) return closest;
    return [{ code: 'wrong_type', path, message: `${nameOf(part, path)} has none of the shapes it may have.` }];
  };

  const checkList = (part: Schema, list: readonly Json[], path: Path): InputProblem[] =>
    list.flatMap((item, index) => {
      const schemaOfItem = part.prefixItems?.[index] ?? part.items;
      return typeof schemaOfItem === 'object' ? check(schemaOfItem, item, [...path, index]) : [];
    });

  const checkObject = (part: Schema, value: { readonly [key: string]: Json }, path: Path): InputProblem[] => {
    const properties = part.properties ?? {};
    const missing = (part.required ?? [])
      .filter((key) => !Object.hasOwn(value, key))
      .map((key): InputProblem => {
        const title = properties[key] ? nameOf(resolve(properties[key]), [key]) : key;
        return { code: 'missing_field', path: [...path, key], message: `${title} is missing.` };
      });
    const present = Object.entries(value).flatMap(([key, member]) => {
      const place = [...path, key];
      if (part.propertyNames) {
        const [problem] = check(part.propertyNames, key, place);
        if (problem) return [{ ...problem, path: place }];
      }
      const schemaOfMember = Object.hasOwn(properties, key) ? properties[key] : part.additionalProperties;
      if (typeof schemaOfMember === 'object') return check(schemaOfMember, member, place);
      if (schemaOfMember !== false) return [];
      const known = Object.keys(properties).join(', ');
      const message = `There is no field ${key} here.${known === '' ? '' : ` There are: ${known}.`}`;
      return [{ code: 'unknown_field' as const, path: place, message }];
    });
    return [...missing, ...present];
  };

  return check(root, input, []);
};

const sharesAKey = (schema: Schema, value: object): boolean =>
  Object.keys(value).some((key) => Object.hasOwn(schema.properties ?? {}, key));

const isSame = (left: Json, right: Json): boolean => JSON.stringify(left) === JSON.stringify(right);

/** The rules that a value breaks, each as the end of a sentence. */
const checkScalar = (schema: Schema, value: Json): readonly string[] => {
  const broken: string[] = [];
  const rule = (holds: boolean, words: string) => {
    if (!holds) broken.push(words);
  };
  if (schema.const !== undefined) rule(isSame(schema.const, value), `must be ${JSON.stringify(schema.const)}`);
  if (schema.enum) {
    rule(
      schema.enum.some((choice) => isSame(choice, value)),
      `must be one of: ${schema.enum.map((choice) => JSON.stringify(choice)).join(', ')}`,
    );
  }
  if (typeof value === 'string') {
    const { minLength = 0, maxLength = Infinity, pattern, message } = schema;
    rule(
      value.length >= minLength,
      minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`,
    );
    rule(value.length <= maxLength, `must have at most ${maxLength} characters`);
    if (pattern !== undefined) rule(new RegExp(pattern).test(value), message ?? 'has the wrong form');
  }
  if (typeof value === 'number') {
    const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
    rule(value >= minimum, `must be at least ${minimum}`);
    rule(value <= maximum, `must be at most ${maximum}`);
    if (exclusiveMinimum !== undefined) rule(value > exclusiveMinimum, `must be more than ${exclusiveMinimum}`);
    if (exclusiveMaximum !== undefined) rule(value < exclusiveMaximum, `must be less than ${exclusiveMaximum}`);
    if (multipleOf !== undefined) rule(value % multipleOf === 0, `must be a multiple of ${multipleOf}`);
  }
  if (Array.isArray(value)) {
    const { minItems = 0, maxItems = Infinity } = schema;
    rule(value.length >= minItems, `must have at least ${minItems} ${minItems === 1 ? 'entry' : 'entries'}`);
    rule(value.length <= maxItems, `must have at most ${maxItems} entries`);
  }
  return broken;
};
