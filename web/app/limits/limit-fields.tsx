import type { RunLimit, StepLimit } from '@everwave/schema/run';
import type { ReactNode } from 'react';
import { SelectField, TextField } from '#app/components/ui/field.tsx';
import type { PageProblem } from '#app/api/api-error.ts';
import type { Typed } from './read-limit-form.ts';
import { inUnit, timeUnits } from './time-units.ts';

/** How the form stands: what was entered before it was refused, and why. */
export interface FormState {
  readonly typed: Typed | null;
  readonly errors: PageProblem['errors'];
}

interface LimitFieldsProps {
  /** Where the limit stands in the request, such as `runs` or `nodes.send`. */
  readonly prefix: string;
  /** What is bounded. Of steps, some may begin at once. */
  readonly of: 'runs' | 'steps';
  readonly limit: RunLimit | StepLimit;
  readonly form: FormState;
  readonly children?: ReactNode;
}

/** How many at once, and how many within which time. An empty field limits nothing. */
export const LimitFields = ({ prefix, of, limit, form, children }: LimitFieldsProps) => {
  const { atOnce, rate } = limit;
  const time = inUnit(rate?.seconds ?? 1);
  const field = (name: string, stored: string | number | null) => ({
    name: `${prefix}.${name}`,
    defaultValue: form.typed?.[`${prefix}.${name}`] ?? stored ?? '',
    error: form.errors.find(({ path }) => path === `${prefix}.${name}`)?.message,
  });
  const number = { type: 'number', inputMode: 'numeric', min: 1, step: 1, placeholder: 'no limit' } as const;
  return (
    <div className="grid grid-cols-2 items-start gap-x-4 gap-y-5 sm:grid-cols-4">
      <TextField label={of === 'runs' ? 'Runs at once' : 'Steps at once'} {...number} {...field('atOnce', atOnce)} />
      <TextField
        label={of === 'runs' ? 'Runs that begin' : 'Steps that begin'}
        {...number}
        {...field('rate.count', rate?.count ?? null)}
      />
      <TextField label="Within" {...number} {...field('rate.seconds', time.count)} />
      <SelectField label="Unit" {...field('rate.unit', time.unit)}>
        {timeUnits.map((unit) => (
          <option key={unit}>{unit}</option>
        ))}
      </SelectField>
      {of === 'steps' ? (
        <div className="col-span-2">
          <TextField
            label="Of these at once, after a pause"
            optional
            {...number}
            placeholder="what one second brings"
            {...field('rate.burst', rate && 'burst' in rate ? rate.burst : null)}
          />
        </div>
      ) : null}
      {children}
    </div>
  );
};
