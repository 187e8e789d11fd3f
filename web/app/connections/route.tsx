import { type Connection, connectionListSchema } from '@everwave/schema/api';
import { Cable, Plus } from 'lucide-react';
import { useState } from 'react';
import { data } from 'react-router';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { OlderNewer } from '#app/components/data/older-newer.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Button } from '#app/components/ui/button.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMay } from '#app/shell/use-me.ts';
import { ConnectionCard } from './connection-card.tsx';
import { readCredentialKinds, writeConnection } from './connection-commands.server.ts';
import { ConnectionDialog } from './connection-dialog.tsx';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Connections · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Connections' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const cursor = new URL(request.url).searchParams.get('cursor') ?? undefined;
    const [connections, kinds] = await Promise.all([
      callApi(request, '/v1/connections', connectionListSchema, { query: { cursor, limit: 60 } }),
      readCredentialKinds(request),
    ]);
    return { connections, kinds };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeConnection(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

/** Which dialog stands open: none, a new connection, or one to change. */
type Editing = null | 'new' | Connection;

export default function Connections({ loaderData }: Route.ComponentProps) {
  const { connections, kinds } = loaderData;
  const [editing, setEditing] = useState<Editing>(null);
  const mayWrite = useMay('connections:write');
  const add = mayWrite ? (
    <Button variant="primary" icon={<Plus size={15} aria-hidden />} onClick={() => setEditing('new')}>
      New connection
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title="Connections" actions={connections.items.length > 0 ? add : null}>
        The services your flows may reach. Their secrets are encrypted, used inside a step, and never shown again.
      </PageHeader>
      {connections.items.length > 0 ? (
        <ul className="grid gap-4 md:grid-cols-2 2xl:grid-cols-3">
          {connections.items.map((connection) => (
            <ConnectionCard
              key={connection.id}
              connection={connection}
              kind={kinds.find((kind) => kind.kind === connection.kind)}
              onEdit={mayWrite ? () => setEditing(connection) : null}
            />
          ))}
        </ul>
      ) : (
        <div className="card">
          <EmptyState icon={<Cable />} title="No connection yet" action={add}>
            A connection holds the address of a service and the secret that opens it: a mail server, a Slack bot, the
            key of an API.
          </EmptyState>
        </div>
      )}
      <OlderNewer nextCursor={connections.nextCursor} what="connections" />
      {editing === null ? null : (
        <ConnectionDialog
          kinds={kinds}
          connection={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
