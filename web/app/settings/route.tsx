import { healthSchema, systemStatusSchema } from '@everwave/schema/api';
import { callApi, ifAllowed, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { AboutCard } from './about-card.tsx';
import { AccessCard } from './access-card.tsx';
import { AlertsCard } from './alerts-card.tsx';
import { LimitsCard } from './limits-card.tsx';
import { StatusCard } from './status-card.tsx';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Settings · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const [status, health] = await Promise.all([
      ifAllowed(callApi(request, '/v1/system/status', systemStatusSchema)),
      callApi(request, '/healthz', healthSchema),
    ]);
    return { status, version: health.version };
  });

export default function Settings({ loaderData }: Route.ComponentProps) {
  return (
    <>
      <PageHeader title="Settings">
        Who may do what, who is told of what waits, how much runs at once, and what this installation is.
      </PageHeader>
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_400px]">
        <div className="space-y-5">
          <AccessCard />
          <AlertsCard />
          <LimitsCard />
        </div>
        <div className="space-y-5">
          {loaderData.status ? <StatusCard status={loaderData.status} /> : null}
          <AboutCard version={loaderData.version} />
        </div>
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
