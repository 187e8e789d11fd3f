import type { Variable } from '@everwave/schema/api';
import type { VariableType } from '@everwave/schema/flow';
import { Form, Link, useNavigation } from 'react-router';
import type { PageProblem } from '#app/api/api-error.ts';
import { Section } from '#app/components/data/section.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { classNames } from '#app/words/class-names.ts';
import { ValueField } from './value-field.tsx';
import { variableKinds } from './variable-kinds.ts';
import { valueText } from './value-text.ts';
import type { TypedVariable } from './write-variable.server.ts';

interface VariableFormProps {
  /** Null for a new one. */
  readonly variable: Variable | null;
  readonly type: VariableType;
  readonly problem: PageProblem | null;
  /** What was entered before it was refused. */
  readonly typed: TypedVariable | null;
}

/** Links, so that the choice works without script; what was entered stays where the page stays. */
const TypeChoice = ({ variable, type }: Pick<VariableFormProps, 'variable' | 'type'>) => (
  <nav aria-label="Type of the variable" className="grid grid-cols-2 gap-2 sm:grid-cols-5">
    {Object.entries(variableKinds).map(([each, { title, text, icon: Icon }]) => {
      const isChosen = each === type;
      return (
        <Link
          key={each}
          to={variable ? `/settings/variables?edit=${variable.name}&as=${each}` : `/settings/variables?new=${each}`}
          replace
          preventScrollReset
          aria-current={isChosen ? 'true' : undefined}
          className={classNames(
            'rounded-lg border px-3 py-2.5 transition-colors duration-120',
            isChosen ? 'border-burgundy bg-coral/12' : 'border-line hover:border-line-strong hover:bg-sunken/60',
          )}
        >
          <span className="flex items-center gap-2 font-medium">
            <Icon size={15} aria-hidden className="shrink-0" />
            {title}
          </span>
          <span className="mt-0.5 hidden text-xs text-ink-2 sm:block">{text}</span>
        </Link>
      );
    })}
  </nav>
);

/** A variable, new or changed. */
export const VariableForm = ({ variable, type, problem, typed }: VariableFormProps) => {
  const isBusy = useNavigation().state !== 'idle';
  const errorOf = (path: string) => problem?.errors.find((error) => error.path === path)?.message;
  const isSameType = variable?.type === type;
  const value = typed?.type === type ? typed.value : isSameType ? valueText(variable) : '';
  return (
    <Section title={variable ? `Edit ${variable.name}` : 'New variable'}>
      <TypeChoice variable={variable} type={type} />
      <Form method="post" action="/settings/variables" className="mt-5 space-y-5" autoComplete="off">
        <input type="hidden" name="intent" value="save" />
        <input type="hidden" name="isNew" value={String(variable === null)} />
        <input type="hidden" name="type" value={type} />
        {problem ? <ProblemNotice problem={problem} /> : null}
        <div className="grid gap-5 sm:grid-cols-2">
          {variable ? (
            <input type="hidden" name="name" value={variable.name} />
          ) : (
            <TextField
              label="Name"
              name="name"
              required
              maxLength={64}
              pattern="[A-Z][A-Z0-9_]*"
              title="Capital letters, digits and underscores, a letter first"
              defaultValue={typed?.name ?? ''}
              error={errorOf('name')}
              placeholder="REGION"
              hint="Expressions read it as {{ env.NAME }}. It cannot be changed later."
              className="font-mono"
            />
          )}
          <TextField
            label="Description"
            name="description"
            optional
            maxLength={500}
            defaultValue={typed?.description ?? variable?.description ?? ''}
            error={errorOf('description')}
            placeholder="Where the warehouse stands"
          />
        </div>
        <ValueField
          key={type}
          type={type}
          value={value}
          error={errorOf('value')}
          isKept={isSameType && type === 'secret'}
        />
        <p className="text-xs text-ink-2">
          {type === 'secret'
            ? 'A connection is better where a service is reached by several steps: it says where its secret may be sent.'
            : 'Runs that are under way keep the value they began with.'}
        </p>
        <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          <ButtonLink to="/settings/variables">Cancel</ButtonLink>
          <Button type="submit" variant="primary" aria-disabled={isBusy}>
            {variable ? 'Save the variable' : 'Add the variable'}
          </Button>
        </div>
      </Form>
    </Section>
  );
};
