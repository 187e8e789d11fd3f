import { unreachable } from '#app/words/unreachable.ts';
import type { Json } from '@everwave/schema/flow';
import type { JsonSchema } from '@everwave/schema/node';
import type { PageProblem } from '#app/api/api-error.ts';
import { Field, SelectField, TextField } from '#app/components/ui/field.tsx';
import { type FormField, toFormFields } from './form-fields.ts';

interface SchemaFieldsProps {
  readonly schema: JsonSchema;
  /** Names the fields: `settings.host`. */
  readonly prefix: string;
  readonly values: { readonly [name: string]: Json };
  readonly errors: PageProblem['errors'];
  /** Every text is a secret: dots while typing, and no help from the browser's memory. */
  readonly areSecret?: boolean;
}

const shownValue = (field: FormField, value: Json | undefined): string => {
  if (value === undefined || value === null) return field.fallback ?? '';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** The questions of a schema as form fields. A new credential kind needs no page of its own. */
export const SchemaFields = ({ schema, prefix, values, errors, areSecret = false }: SchemaFieldsProps) => (
  <>
    {toFormFields(schema).map((field) => {
      const name = `${prefix}.${field.name}`;
      const error = errors.find((each) => each.path === name || each.path.startsWith(`${name}.`))?.message;
      const shell = {
        label: field.title,
        hint: field.description ?? undefined,
        error,
        optional: !field.isRequired && field.kind !== 'switch' && field.kind !== 'choice',
      };
      const value = areSecret ? '' : shownValue(field, values[field.name]);
      switch (field.kind) {
        case 'choice':
          return (
            <SelectField key={name} {...shell} name={name} defaultValue={value}>
              {field.isRequired ? null : <option value="">Not set</option>}
              {field.choices.map((choice) => (
                <option key={choice}>{choice}</option>
              ))}
            </SelectField>
          );
        case 'switch':
          return (
            <label key={name} className="flex items-center gap-2 font-medium">
              <input
                type="checkbox"
                name={name}
                value="true"
                defaultChecked={value === 'true'}
                className="size-4 accent-[var(--coral)]"
              />
              {field.title}
            </label>
          );
        case 'json':
          return (
            <Field key={name} {...shell}>
              {(described) => (
                <textarea
                  {...described}
                  name={name}
                  rows={4}
                  defaultValue={value}
                  spellCheck={false}
                  className="field font-mono text-xs"
                />
              )}
            </Field>
          );
        case 'text':
        case 'date':
        case 'number':
          return (
            <TextField
              key={name}
              {...shell}
              name={name}
              type={areSecret ? 'password' : field.kind}
              required={field.isRequired}
              defaultValue={value}
              placeholder={field.placeholder ?? undefined}
              autoComplete={areSecret ? 'off' : undefined}
              {...(areSecret ? { 'data-1p-ignore': true, spellCheck: false } : {})}
              step={field.kind === 'number' ? (field.isWhole ? 1 : 'any') : undefined}
              min={field.minimum ?? undefined}
              max={field.maximum !== null && field.maximum < 1e9 ? field.maximum : undefined}
              maxLength={field.maxLength ?? undefined}
            />
          );
        default:
          throw unreachable(field.kind);
      }
    })}
  </>
);
