import type { ComponentProps } from 'react';
import { classNames } from '#app/words/class-names.ts';

interface SwitchProps extends Omit<ComponentProps<'button'>, 'children'> {
  readonly checked: boolean;
  readonly label: string;
  /** Words beside the switch, so that its state is not told by colour and place alone. */
  readonly words: { readonly on: string; readonly off: string };
}

export const Switch = ({ checked, label, words, className, ...rest }: SwitchProps) => (
  <button
    type="button"
    role="switch"
    aria-checked={checked}
    aria-label={label}
    {...rest}
    className={classNames('group inline-flex items-center gap-2 rounded-full text-xs font-medium', className)}
  >
    <span
      aria-hidden
      className={classNames(
        'relative h-5 w-9 shrink-0 rounded-full transition-colors duration-150 ease-out',
        checked ? 'bg-ok' : 'bg-line-strong',
      )}
    >
      <span
        className={classNames(
          'absolute top-0.5 left-0.5 size-4 rounded-full bg-surface shadow-card transition-transform duration-150 ease-out',
          checked && 'translate-x-4',
        )}
      />
    </span>
    <span className={checked ? 'text-ink' : 'text-ink-2'}>{checked ? words.on : words.off}</span>
  </button>
);
