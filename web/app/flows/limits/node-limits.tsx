import type { FlowLimits } from '@everwave/schema/api';
import { SelectField } from '#app/components/ui/field.tsx';
import { type FormState, LimitFields } from '#app/limits/limit-fields.tsx';

export interface LimitedStep {
  readonly id: string;
  readonly title: string;
}

interface NodeLimitsProps {
  /** The steps that can have a limit. */
  readonly steps: readonly LimitedStep[];
  readonly nodes: FlowLimits['nodes'];
  readonly form: FormState;
}

const none = { atOnce: null, rate: null };

/** The limits of single steps, and fields for one more. */
export const NodeLimits = ({ steps, nodes, form }: NodeLimitsProps) => {
  const others = steps.filter(({ id }) => !Object.hasOwn(nodes, id));
  return (
    <div className="divide-y divide-line">
      {Object.entries(nodes).map(([id, limit]) => (
        <fieldset key={id} className="min-w-0 px-5 py-4">
          <legend className="float-left mb-3 w-full font-medium">
            {steps.find((step) => step.id === id)?.title ?? id}
          </legend>
          <div className="clear-both">
            <LimitFields prefix={`nodes.${id}`} of="steps" limit={limit} form={form} />
          </div>
          <p className="mt-2 text-xs text-ink-2">Empty the numbers to take this limit away.</p>
        </fieldset>
      ))}
      {others.length > 0 ? (
        <fieldset className="min-w-0 px-5 py-4">
          <legend className="sr-only">A limit of one more step</legend>
          <div className="mb-5 max-w-[420px]">
            <SelectField label="Limit one more step" name="added.node" defaultValue={form.typed?.['added.node'] ?? ''}>
              <option value="">choose a step</option>
              {others.map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </SelectField>
          </div>
          <LimitFields prefix="added" of="steps" limit={none} form={form} />
        </fieldset>
      ) : null}
    </div>
  );
};
