import { unreachable } from '#app/words/unreachable.ts';
import type { Json } from '@everwave/schema/flow';
import type { JsonSchema } from '@everwave/schema/node';
import { parseJson } from '#app/components/values/parse-json.ts';
import { type FormField, toFormFields } from './form-fields.ts';

type FieldError = { readonly path: string; readonly message: string };

export type ReadForm =
  | { readonly ok: true; readonly value: { readonly [name: string]: Json } }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

type ReadField = { readonly value: Json | undefined } | { readonly error: string };

const readField = (field: FormField, given: string | null): ReadField => {
  if (field.kind === 'switch') return { value: given === 'true' };
  // A password's spaces are part of it; whether something was typed is all that is asked here.
  if (given === null || given === '') {
    return field.isRequired ? { error: `${field.title} is needed.` } : { value: undefined };
  }
  switch (field.kind) {
    case 'text':
    case 'date':
      return { value: given };
    case 'choice':
      return field.choices.includes(given) ? { value: given } : { error: `${field.title}: choose one of the list.` };
    case 'number': {
      const value = Number(given);
      return given.trim() === '' || !Number.isFinite(value) ? { error: `${field.title} is a number.` } : { value };
    }
    case 'json': {
      const parsed = parseJson(given);
      return parsed.ok ? { value: parsed.value } : { error: `${field.title} is not JSON. ${parsed.message}` };
    }
    default:
      throw unreachable(field.kind);
  }
};

/**
 * What a person entered, typed as the schema says. Empty fields are left out, so that defaults apply. The api checks the rest; this
 * only turns text into values. Fields are named `<prefix>.<name>`, and so are the paths of errors.
 */
export const readForm = (schema: JsonSchema, form: FormData, prefix: string): ReadForm => {
  const value: Record<string, Json> = {};
  const errors: FieldError[] = [];
  for (const field of toFormFields(schema)) {
    const given = form.get(`${prefix}.${field.name}`);
    const read = readField(field, typeof given === 'string' ? given : null);
    if ('error' in read) errors.push({ path: `${prefix}.${field.name}`, message: read.error });
    else if (read.value !== undefined) value[field.name] = read.value;
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value };
};
