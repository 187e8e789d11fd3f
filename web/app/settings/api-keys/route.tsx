import {
  type ApiKey,
  apiKeyListSchema,
  type CreatedApiKey,
  roleListSchema,
  serviceAccountListSchema,
} from '@everwave/schema/api';
import { useState } from 'react';
import { data } from 'react-router';
import { callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import type { Route } from './+types/route.ts';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { KeyList } from './key-list.tsx';
import { NewKeyDialog } from './new-key-dialog.tsx';
import { RevokeKeyDialog } from './revoke-key-dialog.tsx';
import { ServiceAccounts } from './service-accounts.tsx';
import { writeAccess } from './write-access.server.ts';

export const meta: Route.MetaFunction = () => [{ title: 'API keys · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'API keys' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const [keys, accounts, roles] = await Promise.all([
      callApi(request, '/v1/api-keys', apiKeyListSchema),
      callApi(request, '/v1/service-accounts', serviceAccountListSchema),
      callApi(request, '/v1/roles', roleListSchema),
    ]);
    return { keys: keys.items, accounts: accounts.items, roles: roles.items };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeAccess(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

/** Which dialog stands open. */
type Open =
  | null
  | { readonly dialog: 'create'; readonly accountId: string | null }
  | { readonly dialog: 'created'; readonly key: CreatedApiKey }
  | { readonly dialog: 'revoke'; readonly key: ApiKey };

export default function ApiKeys({ loaderData }: Route.ComponentProps) {
  const { keys, accounts, roles } = loaderData;
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      <PageHeader title="API keys">
        With a key a program calls the API, as itself or as a service account, and does what its role and its limits
        allow.
      </PageHeader>
      <div className="space-y-5">
        <KeyList
          keys={keys}
          onCreate={() => setOpen({ dialog: 'create', accountId: null })}
          onRevoke={(key) => setOpen({ dialog: 'revoke', key })}
        />
        <ServiceAccounts
          accounts={accounts}
          roles={roles}
          onNewKey={(accountId) => setOpen({ dialog: 'create', accountId })}
        />
      </div>
      {open?.dialog === 'create' ? (
        <CreateKeyDialog
          roles={roles}
          accounts={accounts}
          accountId={open.accountId}
          onClose={close}
          onCreated={(key) => setOpen({ dialog: 'created', key })}
        />
      ) : null}
      {open?.dialog === 'created' ? <NewKeyDialog created={open.key} onClose={close} /> : null}
      {open?.dialog === 'revoke' ? <RevokeKeyDialog apiKey={open.key} onClose={close} /> : null}
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
