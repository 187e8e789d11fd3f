import type { ComponentProps, ReactNode } from 'react';
import { Link, type LinkProps } from 'react-router';
import { classNames } from '#app/words/class-names.ts';

type Variant = 'primary' | 'secondary' | 'quiet' | 'danger';
type Size = 'md' | 'sm';

interface Look {
  readonly variant?: Variant | undefined;
  readonly size?: Size | undefined;
  /** Stands before the words, and alone when there are none (give `aria-label` then). */
  readonly icon?: ReactNode;
}

const base =
  'inline-flex select-none items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-[background-color,border-color,color,transform] duration-150 ease-out active:translate-y-px disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:pointer-events-none aria-disabled:opacity-55';

const variants: Readonly<Record<Variant, string>> = {
  primary: 'bg-coral text-on-coral hover:bg-coral-strong',
  secondary: 'border border-line-strong bg-surface text-ink hover:border-ink-2 hover:bg-sunken',
  quiet: 'text-ink-2 hover:bg-sunken hover:text-ink',
  danger: 'border border-bad/40 bg-surface text-bad hover:border-bad hover:bg-bad/8',
};

const sizes: Readonly<Record<Size, string>> = {
  md: 'min-h-9 px-3.5 text-sm',
  sm: 'min-h-8 px-2.5 text-xs',
};

const squares: Readonly<Record<Size, string>> = { md: 'size-9', sm: 'size-8' };

const look = ({ variant = 'secondary', size = 'md' }: Look, hasWords: boolean, className?: string): string =>
  classNames(base, variants[variant], hasWords ? sizes[size] : squares[size], className);

export const Button = ({ variant, size, icon, className, children, ...rest }: Look & ComponentProps<'button'>) => (
  <button type="button" {...rest} className={look({ variant, size }, Boolean(children), className)}>
    {icon}
    {children}
  </button>
);

export const ButtonLink = ({ variant, size, icon, className, children, ...rest }: Look & LinkProps) => (
  <Link {...rest} className={look({ variant, size }, Boolean(children), className)}>
    {icon}
    {children}
  </Link>
);

/** A link that leaves our pages: opens beside them and says so. */
export const ExternalButton = ({ variant, size, icon, className, children, ...rest }: Look & ComponentProps<'a'>) => (
  <a target="_blank" rel="noreferrer" {...rest} className={look({ variant, size }, Boolean(children), className)}>
    {icon}
    {children}
    <span className="sr-only"> (opens in a new tab)</span>
  </a>
);
