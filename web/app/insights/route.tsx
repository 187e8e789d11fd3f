import { insightsQuerySchema, insightsSchema } from '@everwave/schema/api';
import { ChartNoAxesColumn } from 'lucide-react';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { LinkTabs } from '#app/components/data/link-tabs.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import type { Route } from './+types/route.ts';
import { CostCard } from './cost-card.tsx';
import { DurationsCard } from './durations-card.tsx';
import { Figures } from './figures.tsx';
import { FlowTable } from './flow-table.tsx';
import { NodeTable } from './node-table.tsx';
import { RunsChart } from './runs-chart.tsx';

export const meta: Route.MetaFunction = () => [{ title: 'Insights · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Insights' }] };

const windows = [
  { label: 'Today', days: 1 },
  { label: '7 days', days: 7 },
  { label: '30 days', days: 30 },
  { label: '90 days', days: 90 },
] as const;

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = Object.fromEntries(new URL(request.url).searchParams);
    const asked = insightsQuerySchema.safeParse(search);
    const { days, flowId } = asked.success ? asked.data : insightsQuerySchema.parse({});
    const insights = await callApi(request, '/v1/insights', insightsSchema, { query: { days, flowId } });
    return { insights, days, flowId: flowId ?? null };
  });

export default function InsightsPage({ loaderData: { insights, days, flowId } }: Route.ComponentProps) {
  const { total, flows, nodes } = insights;
  const only = flowId === null ? null : (flows[0]?.flowName ?? 'one flow');
  const address = (wanted: number) => `/insights?days=${wanted}${flowId === null ? '' : `&flowId=${flowId}`}`;
  return (
    <>
      <PageHeader
        title={only === null ? 'Insights' : `Insights · ${only}`}
        actions={
          flowId === null ? null : (
            <ButtonLink to={`/insights?days=${days}`} size="sm" variant="quiet">
              All flows
            </ButtonLink>
          )
        }
      >
        How runs went, how long they took, and what they cost. Days are those of UTC.
      </PageHeader>
      <LinkTabs
        label="Time"
        tabs={windows.map((window) => ({
          label: window.label,
          to: address(window.days),
          current: window.days === days,
        }))}
      />
      {total.runs === 0 ? (
        <div className="card mt-5">
          <EmptyState icon={<ChartNoAxesColumn />} title="No runs in this time">
            As soon as a flow has run, its rates, durations and cost stand here. Look at a longer time, or start a flow.
          </EmptyState>
        </div>
      ) : (
        <div className="mt-5 space-y-5">
          <Figures total={total} />
          <RunsChart insights={insights} />
          <div className="grid items-start gap-5 lg:grid-cols-2">
            <DurationsCard insights={insights} />
            <CostCard insights={insights} />
          </div>
          {flowId === null ? <FlowTable flows={flows} days={days} /> : null}
          {nodes.length > 0 ? <NodeTable nodes={nodes} /> : null}
        </div>
      )}
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
