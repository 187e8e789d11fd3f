import { accountListSchema, accountStates, auditListSchema } from '@everwave/schema/api';
import { UserSearch } from 'lucide-react';
import { data, Form, useSearchParams } from 'react-router';
import * as z from 'zod';
import { callApi, ifAllowed, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { OlderNewer } from '#app/components/data/older-newer.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { SelectField, TextField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { AuditRow } from '#app/settings/audit/audit-row.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import type { Route } from './+types/route.ts';
import { AccountRow } from './account-row.tsx';
import { writeAccount } from './write-account.server.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Users · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Users' }] };

const stateSchema = z.enum(accountStates).catch('all');

/** Whoever may not see it is told what everybody is told of an address that is not there. */
export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const filter = { text: search.get('text') ?? '', state: stateSchema.parse(search.get('state')) };
    const [accounts, log] = await Promise.all([
      ifAllowed(
        callApi(request, '/v1/admin/users', accountListSchema, {
          query: { ...filter, cursor: search.get('cursor') ?? undefined },
        }),
      ),
      ifAllowed(callApi(request, '/v1/admin/audit', auditListSchema, { query: { limit: 10 } })),
    ]);
    // oxlint-disable-next-line typescript/only-throw-error -- React Router takes a status as a thrown value
    if (!accounts || !log) throw data(null, { status: 404 });
    return { accounts, log: log.items, filter, open: search.get('user') };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeAccount(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

const stateWords = {
  all: 'Everybody',
  active: 'Not suspended',
  suspended: 'Suspended',
  administrators: 'Administrators',
} as const;

const Filters = ({ filter }: { readonly filter: Route.ComponentProps['loaderData']['filter'] }) => (
  <Form
    method="get"
    role="search"
    key={JSON.stringify(filter)}
    className="card grid items-end gap-3 p-4 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]"
  >
    <TextField label="Name or e-mail" name="text" defaultValue={filter.text} maxLength={200} />
    <SelectField label="Show" name="state" defaultValue={filter.state}>
      {accountStates.map((state) => (
        <option key={state} value={state}>
          {stateWords[state]}
        </option>
      ))}
    </SelectField>
    <Button type="submit">Filter</Button>
  </Form>
);

export default function Users({ loaderData, actionData }: Route.ComponentProps) {
  const { accounts, log, filter, open } = loaderData;
  const [search] = useSearchParams();
  const listAddress = (account: string | null): string => {
    const next = new URLSearchParams(search);
    if (account === null) next.delete('user');
    else next.set('user', account);
    return `/admin/users?${next}`;
  };
  return (
    <>
      <PageHeader title="Users">Everybody who has an account on this installation, in all organisations.</PageHeader>
      <div className="max-w-[1080px] space-y-5">
        {actionData?.ok ? (
          <Notice tone="ok" title="Done" role="status">
            {actionData.value.said}
          </Notice>
        ) : null}
        {actionData && !actionData.ok ? <ProblemNotice problem={actionData.problem} /> : null}
        <Filters filter={filter} />
        <Section title="Accounts" flush>
          {accounts.items.length === 0 ? (
            <EmptyState icon={<UserSearch />} title="Nobody is meant by this">
              Nobody here has such a name or address. Write less of it, or show everybody.
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {accounts.items.map((account) => (
                <AccountRow key={account.id} account={account} isOpen={open === account.id} listAddress={listAddress} />
              ))}
            </ul>
          )}
        </Section>
        <OlderNewer nextCursor={accounts.nextCursor} what="accounts" />
        <Section title="What administrators did" flush>
          {log.length === 0 ? (
            <p className="px-5 py-3 text-ink-2">Nothing yet.</p>
          ) : (
            <ul className="divide-y divide-line">
              {log.map((entry) => (
                <AuditRow key={entry.number} entry={entry} />
              ))}
            </ul>
          )}
        </Section>
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
