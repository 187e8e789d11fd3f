import type { Json } from '@everwave/schema/flow';
import type * as z from 'zod';
import { implementNode } from '../../../runtime/implement-node.ts';
import { compileJsonSchema, UnsupportedSchema, type Check } from '../../../runtime/json-schema.ts';
import { dataValidate, type Rule } from './definition.ts';

type JsonValue = z.core.util.JSONType;

export const validate = implementNode(dataValidate, {
  async run(step, { records, rules, schema }) {
    const checks: Check[] = [];
    try {
      checks.push(...rules.map(checkOf));
      if (schema !== undefined) checks.push(compileJsonSchema(schema));
    } catch (error) {
      if (!(error instanceof UnsupportedSchema)) throw error;
      throw step.failure('unsupported_schema', { message: error.message, cause: error });
    }

    const valid: JsonValue[] = [];
    const invalid: { index: number; record: JsonValue; reasons: string[] }[] = [];
    for (const [index, record] of records.entries()) {
      const reasons: string[] = [];
      for (const check of checks) check(record, '', reasons);
      if (reasons.length === 0) valid.push(record);
      else invalid.push({ index, record, reasons });
    }
    return { valid, invalid, allValid: invalid.length === 0 };
  },
});

/** A rule is a small schema for one field. */
const checkOf = (rule: Rule): Check => {
  const check = rule.check === 'present' ? null : compileJsonSchema(schemaOf(rule), rule.field);
  return (record, _path, reasons) => {
    const value = valueAt(record, rule.field);
    if (value === undefined || value === null) {
      if (!check) reasons.push(`${rule.field} is missing`);
    } else if (!check) {
      if (value === '') reasons.push(`${rule.field} is empty`);
    } else {
      check(value, rule.field, reasons);
    }
  };
};

const schemaOf = (rule: Exclude<Rule, { check: 'present' }>): Json => {
  switch (rule.check) {
    case 'text':
      return { type: 'string' };
    case 'number':
    case 'integer':
    case 'boolean':
      return { type: rule.check };
    case 'email':
    case 'url':
    case 'date':
      return { type: 'string', format: rule.check };
    case 'dateTime':
      return { type: 'string', format: 'date-time' };
    case 'minimum':
    case 'maximum':
      return { type: 'number', [rule.check]: rule.value };
    case 'minLength':
    case 'maxLength':
    case 'pattern':
      return { type: 'string', [rule.check]: rule.value };
    case 'oneOf':
      return { enum: rule.value };
    case 'present':
      return true;
  }
};

const valueAt = (record: Json, path: string): Json | undefined => {
  let value: Json | undefined = record;
  for (const name of path.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return undefined;
    value = (value as { readonly [key: string]: Json })[name];
  }
  return value;
};
