import type { MyOrg } from '@everwave/schema/api';
import { ChevronRight } from 'lucide-react';
import { Link, useMatches } from 'react-router';
import { Logo } from '#app/components/ui/logo.tsx';
import { LiveIndicator } from '#app/live/live-indicator.tsx';
import type { ThemeChoice } from '#app/theme/theme.ts';
import { OrgSwitch } from './org-switch.tsx';
import { type Crumb, pageHandleSchema } from './page-handle.ts';
import { ThemeToggle } from './theme-toggle.tsx';

const useCrumbs = (): readonly Crumb[] =>
  useMatches().flatMap((match) => {
    const handle = pageHandleSchema.safeParse(match.handle);
    return handle.success ? handle.data.crumbs(match.loaderData) : [];
  });

export const TopBar = ({ theme, orgs }: { readonly theme: ThemeChoice; readonly orgs: readonly MyOrg[] }) => {
  const crumbs = useCrumbs();
  return (
    <header className="sticky top-0 z-20 flex h-13 items-center gap-3 border-b border-line bg-[var(--glass)] px-4 backdrop-blur-lg sm:px-6 lg:px-8">
      <Link to="/" aria-label="Everwave, Home" className="rounded-md lg:hidden">
        <Logo className="h-[18px] w-9" breathing />
      </Link>
      <nav aria-label="Breadcrumbs" className="min-w-0 flex-1">
        <ol className="flex min-w-0 items-center gap-1.5 text-xs">
          {crumbs.map((crumb, at) => {
            const isLast = at === crumbs.length - 1;
            return (
              <li key={`${crumb.label}${crumb.to ?? ''}`} className="flex min-w-0 items-center gap-1.5">
                {at > 0 ? <ChevronRight size={13} aria-hidden className="shrink-0 text-ink-2" /> : null}
                {crumb.to && !isLast ? (
                  <Link to={crumb.to} className="truncate rounded-sm text-ink-2 hover:text-ink hover:underline">
                    {crumb.label}
                  </Link>
                ) : (
                  <span aria-current={isLast ? 'page' : undefined} className="truncate font-medium">
                    {crumb.label}
                  </span>
                )}
              </li>
            );
          })}
        </ol>
      </nav>
      <OrgSwitch orgs={orgs} />
      <LiveIndicator />
      <ThemeToggle theme={theme} />
    </header>
  );
};
