import type { WhenFull } from '@everwave/schema/run';
import { SelectField } from '#app/components/ui/field.tsx';
import type { FormState } from './limit-fields.tsx';

const words: Readonly<Record<WhenFull, string>> = {
  wait: 'waits, the oldest first',
  refuse: 'is refused, so that the sender repeats it',
  skip: 'is skipped; its delivery can be run by hand',
  replace: 'replaces the oldest run, which is cancelled',
};

interface WhenFullFieldProps {
  readonly prefix: string;
  readonly chosen: WhenFull;
  readonly form: FormState;
}

/** What becomes of a run that is over the limit. */
export const WhenFullField = ({ prefix, chosen, form }: WhenFullFieldProps) => {
  const name = `${prefix}.whenFull`;
  return (
    <div className="col-span-2 sm:col-span-4">
      <SelectField label="A run over the limit" name={name} defaultValue={form.typed?.[name] ?? chosen}>
        {Object.entries(words).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </SelectField>
    </div>
  );
};
