import { connectionSchema } from '@everwave/schema/api';
import { AccessView } from '#app/access/access-view.tsx';
import { readAccess } from '#app/access/read-access.server.ts';
import { writeAccess } from '#app/access/write-access.server.ts';
import { callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import type { Route } from './+types/route.ts';

type Loaded = Route.ComponentProps['loaderData'];

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `Access to ${(loaderData as Loaded | undefined)?.connection.name ?? 'a connection'} · Everwave` },
];

export const handle: PageHandle = {
  crumbs: (loaded) => [
    { label: 'Connections', to: '/connections' },
    { label: (loaded as Loaded | undefined)?.connection.name ?? 'Connection' },
    { label: 'Access' },
  ],
};

const addressOf = (id: string): string => `/v1/connections/${encodeURIComponent(id)}`;

export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, async () => {
    const address = addressOf(params.connectionId);
    const [{ name }, read] = await Promise.all([
      callApi(request, address, connectionSchema),
      readAccess(request, address),
    ]);
    return { connection: { name }, ...read };
  });

export const action = ({ request, params }: Route.ActionArgs) => writeAccess(request, addressOf(params.connectionId));

export default function ConnectionAccess({ loaderData: { connection, ...read }, actionData }: Route.ComponentProps) {
  return (
    <>
      <PageHeader title={`Access to ${connection.name}`}>
        Who sees this connection and draws with it, and why. Flows that use it already go on to run.
      </PageHeader>
      <AccessView of="connection" written={actionData} {...read} />
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
