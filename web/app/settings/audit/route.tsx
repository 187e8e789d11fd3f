import { auditListSchema, auditVerificationSchema, securityOverviewSchema } from '@everwave/schema/api';
import { Download, ScrollText } from 'lucide-react';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { OlderNewer } from '#app/components/data/older-newer.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import type { Route } from './+types/route.ts';
import { AuditFilters } from './audit-filters.tsx';
import { filterQuery, readFilter } from './audit-filter.ts';
import { AuditRow } from './audit-row.tsx';
import { ChainState } from './chain-state.tsx';
import { FailuresChart } from './failures-chart.tsx';

export const meta: Route.MetaFunction = () => [{ title: 'Audit log · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Audit log' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const filter = readFilter(search);
    const [entries, overview, verification] = await Promise.all([
      callApi(request, '/v1/audit', auditListSchema, {
        query: { ...filterQuery(filter), cursor: search.get('cursor') ?? undefined, limit: 50 },
      }),
      callApi(request, '/v1/audit/overview', securityOverviewSchema),
      // Walks every entry: only when somebody asks.
      search.has('verify') ? callApi(request, '/v1/audit/verify', auditVerificationSchema) : null,
    ]);
    return { entries, overview, verification, filter };
  });

export default function Audit({ loaderData }: Route.ComponentProps) {
  const { entries, overview, verification, filter } = loaderData;
  const asked = new URLSearchParams(
    Object.entries(filter).filter((field): field is [string, string] => Boolean(field[1])),
  );
  const to = (format: string): string =>
    `/settings/audit/export?${new URLSearchParams([...asked, ['format', format]])}`;
  return (
    <>
      <PageHeader
        title="Audit log"
        actions={['csv', 'jsonl'].map((format) => (
          <ButtonLink key={format} reloadDocument to={to(format)} icon={<Download size={15} aria-hidden />}>
            {format === 'csv' ? 'CSV' : 'JSON Lines'}
          </ButtonLink>
        ))}
      >
        Who did what, when and from where. Nobody can change or remove an entry without its being found.
      </PageHeader>
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_320px]">
        <div className="min-w-0">
          <AuditFilters filter={filter} />
          <div className="card mt-4 overflow-hidden">
            {entries.items.length === 0 ? (
              <EmptyState
                icon={<ScrollText />}
                title="No entry fits"
                action={<ButtonLink to="/settings/audit">Show all</ButtonLink>}
              >
                Take a filter away, or look at an earlier time.
              </EmptyState>
            ) : (
              <ul className="divide-y divide-line" aria-label="Entries">
                {entries.items.map((entry) => (
                  <AuditRow key={entry.number} entry={entry} />
                ))}
              </ul>
            )}
          </div>
          <OlderNewer nextCursor={entries.nextCursor} what="entries" />
        </div>
        <div className="space-y-5">
          <Section title="Failed sign-ins">
            <FailuresChart days={overview.days} />
          </Section>
          <Section title="Is it whole?">
            <ChainState verification={verification} />
          </Section>
        </div>
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
