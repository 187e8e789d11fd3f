import { approvalListSchema, deadLetterListSchema, meSchema, myOrgListSchema } from '@everwave/schema/api';
import { Outlet, useMatches } from 'react-router';
import { callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { Toaster } from '#app/components/ui/toaster.tsx';
import { LiveProvider } from '#app/live/live-provider.tsx';
import { isRailCollapsed, readTheme } from '#app/theme/theme.server.ts';
import { classNames } from '#app/words/class-names.ts';
import type { Route } from './+types/route.ts';
import { BottomBar } from './bottom-bar.tsx';
import { pageHandleSchema } from './page-handle.ts';
import type { Waiting } from './places.ts';
import { Rail } from './rail.tsx';
import { TopBar } from './top-bar.tsx';

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const [me, orgs, letters, approvals, theme, railCollapsed] = await Promise.all([
      callApi(request, '/v1/me', meSchema),
      callApi(request, '/v1/me/orgs', myOrgListSchema),
      callApi(request, '/v1/dead-letters', deadLetterListSchema, { query: { limit: 1 } }),
      callApi(request, '/v1/approvals', approvalListSchema, { query: { limit: 1 } }),
      readTheme(request),
      isRailCollapsed(request),
    ]);
    const waiting: Waiting = { '/attention': letters.open, '/approvals': approvals.open };
    return { me, orgs: orgs.items, waiting, theme, railCollapsed };
  });

/** Every page's data may change with each navigation; so may what waits for a person. */
export const shouldRevalidate = () => true;

const useStream = (): string => {
  for (const match of useMatches().toReversed()) {
    const handle = pageHandleSchema.safeParse(match.handle);
    if (handle.success && handle.data.stream) return handle.data.stream(match.params);
  }
  return '/v1/runs/events';
};

export default function Shell({ loaderData }: Route.ComponentProps) {
  const { me, orgs, waiting, theme, railCollapsed } = loaderData;
  return (
    <Toaster>
      <LiveProvider stream={useStream()}>
        <a
          href="#content"
          className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md bg-coral px-3 py-2 font-medium text-on-coral focus:translate-y-0"
        >
          Skip to the page
        </a>
        <div className="flex min-h-dvh">
          <Rail me={me} waiting={waiting} collapsed={railCollapsed} />
          <div className="flex min-w-0 flex-1 flex-col">
            <TopBar theme={theme} orgs={orgs} />
            <main
              id="content"
              tabIndex={-1}
              className={classNames(
                'mx-auto w-full max-w-[1560px] flex-1 px-4 pt-6 pb-28 outline-none sm:px-6 lg:px-8 lg:pb-12',
              )}
            >
              <Outlet />
            </main>
          </div>
        </div>
        <BottomBar me={me} waiting={waiting} />
      </LiveProvider>
    </Toaster>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => (
  <main className="px-6">
    <ErrorState error={error} />
  </main>
);
