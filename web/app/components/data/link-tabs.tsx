import { Link } from 'react-router';
import { classNames } from '#app/words/class-names.ts';

export interface LinkTab {
  readonly label: string;
  readonly to: string;
  readonly current: boolean;
  readonly count?: number | undefined;
}

/** Saved views of a list, each with its own address. */
export const LinkTabs = ({ label, tabs }: { readonly label: string; readonly tabs: readonly LinkTab[] }) => (
  <nav aria-label={label} className="-mx-4 overflow-x-auto px-4 [scrollbar-width:none] sm:mx-0 sm:px-0">
    <ul className="flex min-w-max gap-1 border-b border-line">
      {tabs.map((tab) => (
        <li key={tab.label}>
          <Link
            to={tab.to}
            preventScrollReset
            aria-current={tab.current ? 'page' : undefined}
            className={classNames(
              'relative -mb-px inline-flex min-h-10 items-center gap-2 rounded-t-md border-b-2 px-3 font-medium transition-colors duration-150',
              tab.current
                ? 'border-coral text-ink'
                : 'border-transparent text-ink-2 hover:border-line-strong hover:text-ink',
            )}
          >
            {tab.label}
            {tab.count ? (
              <span className="tabular rounded-full bg-coral/16 px-1.5 text-xs text-burgundy">{tab.count}</span>
            ) : null}
          </Link>
        </li>
      ))}
    </ul>
  </nav>
);
