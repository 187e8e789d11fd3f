import { CircleAlert } from 'lucide-react';
import { type ReactNode, useId } from 'react';

interface GroupFieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly optional?: boolean;
  readonly children: ReactNode;
}

/** A field whose control is more than one input: named as a group, with the hint and the error in their places. */
export const GroupField = ({ label, hint, error, optional, children }: GroupFieldProps) => {
  const id = useId();
  return (
    <div role="group" aria-labelledby={`${id}-label`} aria-describedby={hint ? `${id}-hint` : undefined}>
      <p className="mb-1.5 flex items-baseline justify-between gap-2 text-sm font-medium">
        <span id={`${id}-label`}>{label}</span>
        {optional ? <span className="text-xs font-normal text-ink-2">optional</span> : null}
      </p>
      <div className="space-y-2">{children}</div>
      {error ? (
        <p className="mt-1.5 flex gap-1.5 text-xs text-bad">
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
