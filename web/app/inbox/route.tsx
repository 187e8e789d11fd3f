import { deliveryListSchema, deliverySchema, type DeliverySummary, startedRunSchema } from '@everwave/schema/api';
import { deliveryIdSchema } from '@everwave/schema/ids';
import { Inbox as InboxIcon } from 'lucide-react';
import { useState } from 'react';
import { data, useSearchParams } from 'react-router';
import * as z from 'zod';
import { attempt, callApi, load, refuse } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { KeyboardList } from '#app/components/data/keyboard-list.tsx';
import { LinkTabs } from '#app/components/data/link-tabs.tsx';
import { OlderNewer } from '#app/components/data/older-newer.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import { unmaskParameter, unmaskQueryOf } from '#app/runs/value/unmask.ts';
import type { PageHandle } from '#app/shell/page-handle.ts';
import type { Route } from './+types/route.ts';
import { DeliveryDialog } from './delivery-dialog.tsx';
import { DeliveryRow } from './delivery-row.tsx';
import { ReplayDialog } from './replay-dialog.tsx';

const views = {
  all: 'All',
  held: 'Held',
  collecting: 'Waits for others',
  pending: 'Starting',
  dispatched: 'Started a run',
  rejected: 'Refused',
  skipped: 'Skipped',
} as const;
const viewSchema = z.enum(['all', 'held', 'collecting', 'pending', 'dispatched', 'rejected', 'skipped']).catch('all');
type View = z.infer<typeof viewSchema>;

export const meta: Route.MetaFunction = () => [{ title: 'Inbox · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Inbox' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const view = viewSchema.parse(search.get('view') ?? undefined);
    const open = deliveryIdSchema.safeParse(search.get('open'));
    const [deliveries, opened] = await Promise.all([
      callApi(request, '/v1/deliveries', deliveryListSchema, {
        query: { status: view === 'all' ? undefined : view, cursor: search.get('cursor') ?? undefined, limit: 50 },
      }),
      open.success
        ? callApi(request, `/v1/deliveries/${open.data}`, deliverySchema, { query: unmaskQueryOf(request) })
        : null,
    ]);
    return { deliveries, opened, view };
  });

const formSchema = z.object({ deliveryId: deliveryIdSchema });

export const action = async ({ request }: Route.ActionArgs) => {
  const form = formSchema.safeParse(Object.fromEntries(await request.formData()));
  if (!form.success) return data(refuse(request, 'The page sent something unexpected. Reload it.'), { status: 400 });
  return attempt(request, () =>
    callApi(request, `/v1/deliveries/${form.data.deliveryId}/replay`, startedRunSchema, { method: 'POST' }),
  );
};

const addressOf = (view: View): string => (view === 'all' ? '/inbox' : `/inbox?view=${view}`);

export default function Inbox({ loaderData }: Route.ComponentProps) {
  const { deliveries, opened, view } = loaderData;
  const [search, setSearch] = useSearchParams();
  const [replaying, setReplaying] = useState<DeliverySummary | null>(null);
  const open = (delivery: DeliverySummary | null): void =>
    setSearch(
      (last) => {
        if (delivery) last.set('open', delivery.id);
        else {
          last.delete('open');
          last.delete(unmaskParameter);
        }
        return last;
      },
      { preventScrollReset: true, replace: delivery === null },
    );
  return (
    <>
      <PageHeader title="Inbox">
        Every event that was sent to a webhook, stored before its sender got an answer. Events for a flow that is off
        are held here.
      </PageHeader>
      <LinkTabs
        label="Deliveries by state"
        tabs={viewSchema.def.innerType.options.map((each) => ({
          label: views[each],
          to: addressOf(each),
          current: each === view,
        }))}
      />
      <div className="card mt-4 overflow-hidden">
        {deliveries.items.length > 0 ? (
          <KeyboardList label="Deliveries">
            {deliveries.items.map((delivery) => (
              <DeliveryRow
                key={delivery.id}
                delivery={delivery}
                onOpen={() => open(delivery)}
                onReplay={() => setReplaying(delivery)}
              />
            ))}
          </KeyboardList>
        ) : view === 'all' ? (
          <EmptyState
            icon={<InboxIcon />}
            title="No event has arrived yet"
            action={<ButtonLink to="/workflows">Find a webhook address</ButtonLink>}
          >
            Each flow with a webhook has its own address. What is sent there stands here, with the run it started.
          </EmptyState>
        ) : (
          <EmptyState
            icon={<InboxIcon />}
            title="No event in this state"
            action={<ButtonLink to="/inbox">Show all</ButtonLink>}
          >
            {view === 'held' ? 'Events are held while their flow is off.' : 'Look under the other tabs.'}
          </EmptyState>
        )}
      </div>
      <OlderNewer nextCursor={deliveries.nextCursor} what="events" />
      {opened && search.has('open') ? (
        <DeliveryDialog delivery={opened} onClose={() => open(null)} onReplay={() => setReplaying(opened)} />
      ) : null}
      {replaying ? <ReplayDialog delivery={replaying} onClose={() => setReplaying(null)} /> : null}
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
