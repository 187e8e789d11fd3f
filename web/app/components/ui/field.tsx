import { CircleAlert } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from '#app/words/class-names.ts';

interface FieldShell {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly optional?: boolean;
}

interface Described {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

/** Label above, hint below, the error in its place; wired together for screen readers. */
export const Field = ({
  label,
  hint,
  error,
  optional,
  children,
}: FieldShell & { readonly children: (described: Described) => ReactNode }) => {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 flex items-baseline justify-between gap-2 text-sm font-medium">
        {label}
        {optional ? <span className="text-xs font-normal text-ink-2">optional</span> : null}
      </label>
      {children({
        id,
        'aria-describedby': classNames(hint ? `${id}-hint` : null, error ? `${id}-error` : null) || undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {error ? (
        <p id={`${id}-error`} className="mt-1.5 flex gap-1.5 text-xs text-bad">
          <CircleAlert size={14} className="mt-0.5 shrink-0" aria-hidden />
          {error}
        </p>
      ) : null}
      {hint ? (
        <p id={`${id}-hint`} className="mt-1.5 text-xs text-ink-2">
          {hint}
        </p>
      ) : null}
    </div>
  );
};

export const TextField = ({
  label,
  hint,
  error,
  optional,
  className,
  ...rest
}: FieldShell & Omit<ComponentProps<'input'>, 'id'>) => (
  <Field label={label} hint={hint} error={error} optional={optional ?? false}>
    {(described) => <input {...rest} {...described} className={classNames('field', className)} />}
  </Field>
);

export const SelectField = ({
  label,
  hint,
  error,
  optional,
  children,
  ...rest
}: FieldShell & Omit<ComponentProps<'select'>, 'id'>) => (
  <Field label={label} hint={hint} error={error} optional={optional ?? false}>
    {(described) => (
      <select {...rest} {...described} className="field">
        {children}
      </select>
    )}
  </Field>
);
