import type { JsonSchema } from '../node/manifest.ts';
import type { Json } from './plan.ts';

/** One question of the form that comes with an approval. */
export interface ApprovalField {
  readonly name: string;
  readonly title?: string;
  readonly type: 'text' | 'number' | 'boolean' | 'choice' | 'date';
  readonly required?: boolean;
  /** What a choice offers. */
  readonly choices?: readonly string[];
}

export type FormValues = { readonly [field: string]: Json };

/** One thing wrong with what somebody entered. `path` is the field's name; empty for the form as a whole. */
export interface FormProblem {
  readonly path: string;
  readonly code: 'missing_field' | 'unknown_field' | 'wrong_type' | 'invalid_value';
  readonly message: string;
}

/** Characters of one answer. */
const longestText = 10_000;

const properties: { readonly [Type in ApprovalField['type']]: (field: ApprovalField) => JsonSchema } = {
  text: () => ({ type: 'string', maxLength: longestText }),
  number: () => ({ type: 'number' }),
  boolean: () => ({ type: 'boolean' }),
  choice: ({ choices = [] }) => ({ type: 'string', enum: [...choices] }),
  date: () => ({ type: 'string', format: 'date' }),
};

/** The form as JSON Schema: what pages build their fields from. */
export const toFormSchema = (fields: readonly ApprovalField[]): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(
    fields.map((field) => [field.name, { title: titleOf(field), ...properties[field.type](field) }]),
  ),
  required: fields.filter(({ required }) => required).map(({ name }) => name),
  additionalProperties: false,
});

const titleOf = ({ name, title }: ApprovalField): string => title ?? name;

/** `asksAll`: what is required must be there. Pure and without zod: a run checks its answers in the workflow itself. */
export const checkFormValues = (
  fields: readonly ApprovalField[],
  values: FormValues,
  asksAll: boolean,
): readonly FormProblem[] => {
  const known = new Map(fields.map((field) => [field.name, field]));
  const unknown = Object.keys(values).flatMap((name): FormProblem[] => {
    if (known.has(name)) return [];
    const choice = fields.length === 0 ? 'The form has no fields.' : `There are: ${[...known.keys()].join(', ')}.`;
    return [{ path: name, code: 'unknown_field', message: `There is no field ${name} in this form. ${choice}` }];
  });
  const wrong = fields.flatMap((field): FormProblem[] => {
    const value = Object.hasOwn(values, field.name) ? (values[field.name] ?? null) : null;
    if (value === null || value === '') {
      if (!asksAll || !field.required) return [];
      return [{ path: field.name, code: 'missing_field', message: `${titleOf(field)} is needed.` }];
    }
    const problem = checkValue(field, value);
    return problem ? [{ path: field.name, ...problem }] : [];
  });
  return [...unknown, ...wrong];
};

const checkValue = (field: ApprovalField, value: Json): Pick<FormProblem, 'code' | 'message'> | null => {
  const title = titleOf(field);
  switch (field.type) {
    case 'number':
      return typeof value === 'number' ? null : { code: 'wrong_type', message: `${title} must be a number.` };
    case 'boolean':
      return typeof value === 'boolean' ? null : { code: 'wrong_type', message: `${title} must be true or false.` };
    case 'text':
      if (typeof value !== 'string') return { code: 'wrong_type', message: `${title} must be a text.` };
      if (value.length <= longestText) return null;
      return { code: 'invalid_value', message: `${title} must have at most ${longestText} characters.` };
    case 'choice': {
      const choices = field.choices ?? [];
      if (typeof value === 'string' && choices.includes(value)) return null;
      return { code: 'invalid_value', message: `${title} must be one of: ${choices.join(', ')}.` };
    }
    case 'date':
      if (typeof value === 'string' && isDate(value)) return null;
      return { code: 'invalid_value', message: `${title} must be a date such as 2026-12-24.` };
  }
};

/** A day that the calendar has. */
const isDate = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const milliseconds = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(text);
};
