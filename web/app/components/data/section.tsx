import { type ReactNode, useId } from 'react';
import { classNames } from '#app/words/class-names.ts';

interface SectionProps {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
  /** Content that reaches the card's edges, such as a list. */
  readonly flush?: boolean;
}

/** A card with a heading. */
export const Section = ({ title, actions, children, className, flush = false }: SectionProps) => {
  const id = useId();
  return (
    <section aria-labelledby={id} className={classNames('card min-w-0', className)}>
      <header className="flex min-h-13 items-center justify-between gap-3 px-5 pt-3 pb-2">
        <h2 id={id} className="font-semibold">
          {title}
        </h2>
        {actions}
      </header>
      <div className={flush ? 'border-t border-line' : 'px-5 pb-5'}>{children}</div>
    </section>
  );
};
