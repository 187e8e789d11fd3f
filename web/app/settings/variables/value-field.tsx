import type { VariableType } from '@everwave/schema/flow';
import { Field, SelectField, TextField } from '#app/components/ui/field.tsx';

interface ValueFieldProps {
  readonly type: VariableType;
  /** As it is written in the field. */
  readonly value: string;
  readonly error: string | undefined;
  /** A secret that is there: it stays as it is when nothing is entered. */
  readonly isKept: boolean;
}

/** The value, entered as its type asks. */
export const ValueField = ({ type, value, error, isKept }: ValueFieldProps) => {
  const shell = { label: 'Value', name: 'value', error };
  switch (type) {
    case 'secret':
      return (
        <TextField
          {...shell}
          type="password"
          required={!isKept}
          optional={isKept}
          autoComplete="off"
          spellCheck={false}
          data-1p-ignore
          placeholder={isKept ? '••••••••' : undefined}
          hint={
            isKept
              ? 'Stays as it is when left empty. Another one holds for the next attempt of each step, also in runs under way.'
              : 'At least 8 characters. It is stored encrypted and never shown again.'
          }
        />
      );
    case 'boolean':
      return (
        <SelectField {...shell} defaultValue={value === 'true' ? 'true' : 'false'}>
          <option value="true">true</option>
          <option value="false">false</option>
        </SelectField>
      );
    case 'number':
      return <TextField {...shell} type="number" step="any" required defaultValue={value} />;
    case 'string':
    case 'json':
      return (
        <Field label="Value" error={error}>
          {(described) => (
            <textarea
              {...described}
              name="value"
              rows={type === 'json' ? 6 : 2}
              required={type === 'json'}
              defaultValue={value}
              spellCheck={false}
              placeholder={type === 'json' ? '{ "standard": 4.9, "express": 9.9 }' : undefined}
              className="field font-mono text-xs"
            />
          )}
        </Field>
      );
    default:
      return type satisfies never;
  }
};
