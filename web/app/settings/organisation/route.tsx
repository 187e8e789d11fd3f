import { memberListSchema, orgSchema, ownershipSchema } from '@everwave/schema/api';
import { data } from 'react-router';
import { callApi, ifAllowed, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import type { Route } from './+types/route.ts';
import { LeaveSection } from './leave.tsx';
import { NameSection } from './name.tsx';
import { OwnershipSection } from './ownership.tsx';
import { writeOrganisation } from './write-organisation.server.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Organisation · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Organisation' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const [org, members, ownership] = await Promise.all([
      ifAllowed(callApi(request, '/v1/org', orgSchema)),
      ifAllowed(callApi(request, '/v1/members', memberListSchema)),
      ifAllowed(callApi(request, '/v1/ownership', ownershipSchema)),
    ]);
    const isLeaving = new URL(request.url).searchParams.has('leave');
    return { org, members: members?.items ?? [], offer: ownership?.offer ?? null, isLeaving };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeOrganisation(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

export default function Organisation({ loaderData, actionData }: Route.ComponentProps) {
  const { org, members, offer, isLeaving } = loaderData;
  const problem = actionData && !actionData.ok ? actionData.problem : null;
  return (
    <>
      <PageHeader title="Organisation">Its name, who owns it, and the way out of it.</PageHeader>
      <div className="max-w-[780px] space-y-5">
        {actionData?.ok ? (
          <Notice tone="ok" title="Done" role="status">
            {actionData.value.said}
          </Notice>
        ) : null}
        {problem ? <ProblemNotice problem={problem} /> : null}
        {org ? <NameSection org={org} problem={problem} /> : null}
        <OwnershipSection offer={offer} members={members} problem={problem} />
        <LeaveSection asked={isLeaving} />
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
