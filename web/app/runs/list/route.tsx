import { deadLetterListSchema, flowListSchema, runListSchema } from '@everwave/schema/api';
import { ListTree, Search } from 'lucide-react';
import { useNavigation, useSearchParams } from 'react-router';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { KeyboardList } from '#app/components/data/keyboard-list.tsx';
import { LinkTabs } from '#app/components/data/link-tabs.tsx';
import { OlderNewer } from '#app/components/data/older-newer.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import type { Route } from './+types/route.ts';
import { readRunFilter, runViewLooks, runViews, toRunQuery, viewAddress } from './run-filter.ts';
import { RunFilters } from './run-filters.tsx';
import { RunRow, RunRowSkeleton } from './run-row.tsx';

export const meta: Route.MetaFunction = () => [{ title: 'Runs · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Runs' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const filter = readRunFilter(new URL(request.url).searchParams);
    const [runs, flows, waiting] = await Promise.all([
      callApi(request, '/v1/runs', runListSchema, { query: toRunQuery(filter, Date.now()) }),
      callApi(request, '/v1/flows', flowListSchema, { query: { limit: 100 } }),
      callApi(request, '/v1/dead-letters', deadLetterListSchema, { query: { limit: 1 } }),
    ]);
    return { runs, filter, waiting: waiting.open, flows: flows.items.map(({ id, name }) => ({ id, name })) };
  });

export default function Runs({ loaderData }: Route.ComponentProps) {
  const { runs, filter, flows, waiting } = loaderData;
  const [search] = useSearchParams();
  const navigation = useNavigation();
  const isFiltered = filter.view !== 'all' || filter.flow || filter.within || filter.q || filter.cursor;
  // Another view of this list is on its way: keep the page's shape while it comes.
  const isSwitching =
    navigation.state === 'loading' &&
    navigation.location.pathname === '/runs' &&
    readRunFilter(new URLSearchParams(navigation.location.search)).view !== filter.view;

  return (
    <>
      <PageHeader title="Runs">Every time a flow ran, newest first.</PageHeader>
      <LinkTabs
        label="Runs by state"
        tabs={runViews.map((view) => ({
          label: runViewLooks[view].label,
          to: viewAddress(search, view),
          current: view === filter.view,
          count: view === 'attention' ? waiting : undefined,
        }))}
      />
      <RunFilters filter={filter} flows={flows} />
      <div className="card @container overflow-hidden" aria-busy={isSwitching}>
        {isSwitching ? (
          <RunRowSkeleton rows={Math.min(Math.max(runs.items.length, 6), 14)} />
        ) : runs.items.length > 0 ? (
          <>
            <div
              aria-hidden
              className="hidden grid-cols-[148px_minmax(0,1fr)_150px_90px_104px] gap-4 border-b border-line bg-sunken/50 px-4 py-1.5 text-xs font-medium text-ink-2 @4xl:grid"
            >
              <span>State</span>
              <span>Flow</span>
              <span>Started by</span>
              <span className="text-right">Took</span>
              <span className="text-right">Started</span>
            </div>
            <KeyboardList label="Runs">
              {runs.items.map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </KeyboardList>
          </>
        ) : isFiltered ? (
          <EmptyState
            icon={<Search />}
            title="No run fits this view"
            action={<ButtonLink to="/runs">Show all runs</ButtonLink>}
          >
            {filter.view === 'attention'
              ? 'Nothing waits for you. When a step gives up, its run stands here until somebody decides.'
              : 'Widen the time, choose another flow, or use fewer words.'}
          </EmptyState>
        ) : (
          <EmptyState
            icon={<ListTree />}
            title="Nothing has run yet"
            action={
              <ButtonLink to="/workflows" variant="primary">
                Go to your flows
              </ButtonLink>
            }
          >
            Send an event to a flow’s webhook, or press Run on a flow. The run appears here while it happens.
          </EmptyState>
        )}
      </div>
      <OlderNewer nextCursor={runs.nextCursor} what="runs" />
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
