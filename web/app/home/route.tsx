import {
  deadLetterListSchema,
  deliveryListSchema,
  flowListSchema,
  flowSchema,
  runListSchema,
} from '@everwave/schema/api';
import { callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMe } from '#app/shell/use-me.ts';
import { AttentionCard } from './attention-card.tsx';
import { FlowsCard } from './flows-card.tsx';
import { HeldCard } from './held-card.tsx';
import { headline } from './headline.ts';
import { LatestRuns } from './latest-runs.tsx';
import { PulseCard } from './pulse-card.tsx';
import type { Route } from './+types/route.ts';
import { TryCard } from './try-card.tsx';

export const meta: Route.MetaFunction = () => [{ title: 'Home · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Home' }] };

const day = 86_400_000;

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const since = new Date(Date.now() - day).toISOString();
    const [runs, recent, flows, waiting, held] = await Promise.all([
      callApi(request, '/v1/runs', runListSchema, { query: { limit: 60 } }),
      callApi(request, '/v1/runs', runListSchema, { query: { from: since, limit: 100 } }),
      callApi(request, '/v1/flows', flowListSchema, { query: { limit: 6 } }),
      callApi(request, '/v1/dead-letters', deadLetterListSchema, { query: { limit: 4 } }),
      callApi(request, '/v1/deliveries', deliveryListSchema, { query: { status: 'held', limit: 100 } }),
    ]);
    // Before the first run, the page shows how to make one.
    const withWebhook =
      runs.items.length === 0 ? flows.items.find((flow) => flow.triggerKinds.includes('trigger.webhook')) : undefined;
    const sample = withWebhook ? await callApi(request, `/v1/flows/${withWebhook.id}`, flowSchema) : null;
    return {
      runs: runs.items,
      lastDay: { runs: recent.items, isAll: recent.nextCursor === null },
      flows: flows.items,
      waiting,
      held: { count: held.items.length, isAll: held.nextCursor === null },
      sample: sample
        ? { name: sample.name, url: sample.triggers.find((trigger) => trigger.url !== null)?.url ?? null }
        : null,
    };
  });

export default function Home({ loaderData }: Route.ComponentProps) {
  const { runs, lastDay, flows, waiting, held, sample } = loaderData;
  const me = useMe();
  const { title, lead } = headline({ name: me.user?.name ?? null, waiting: waiting.open, lastDay });
  return (
    <>
      <PageHeader title={title}>{lead}</PageHeader>
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_400px]">
        <div className="min-w-0 space-y-5">
          {runs.length === 0 ? <TryCard sample={sample} /> : <PulseCard runs={runs} />}
          {waiting.items.length > 0 ? <AttentionCard letters={waiting.items} open={waiting.open} /> : null}
          {runs.length > 0 ? <LatestRuns runs={runs.slice(0, 8)} /> : null}
        </div>
        <div className="min-w-0 space-y-5">
          <FlowsCard flows={flows} />
          {held.count > 0 ? <HeldCard held={held} /> : null}
        </div>
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
