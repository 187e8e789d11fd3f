import type { ReactNode } from 'react';

interface EmptyStateProps {
  readonly icon: ReactNode;
  readonly title: string;
  /** Why there is nothing, and what to do about it. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

export const EmptyState = ({ icon, title, children, action }: EmptyStateProps) => (
  <div className="flex flex-col items-center px-6 py-14 text-center">
    <span
      aria-hidden
      className="mb-4 grid size-12 place-items-center rounded-full bg-coral/12 text-burgundy [&>svg]:size-[22px]"
    >
      {icon}
    </span>
    <h2 className="text-base font-semibold">{title}</h2>
    <div className="mt-1 max-w-[46ch] text-ink-2">{children}</div>
    {action ? <div className="mt-5">{action}</div> : null}
  </div>
);
