import {
  memberListSchema,
  myOrgListSchema,
  orgDeletionPreviewSchema,
  orgSchema,
  ownershipSchema,
} from '@everwave/schema/api';
import { data } from 'react-router';
import { callApi, ifAllowed, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { NewOrganisation } from '#app/people/new-organisation.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMay } from '#app/shell/use-me.ts';
import type { Route } from './+types/route.ts';
import { DeleteSection } from './delete.tsx';
import { LeaveSection } from './leave.tsx';
import { NameSection } from './name.tsx';
import { OwnershipSection } from './ownership.tsx';
import { writeOrganisation } from './write-organisation.server.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Organisation · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Organisation' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const [orgs, deletion, org, members, ownership] = await Promise.all([
      callApi(request, '/v1/me/orgs', myOrgListSchema),
      search.has('delete') ? ifAllowed(callApi(request, '/v1/org/deletion', orgDeletionPreviewSchema)) : null,
      ifAllowed(callApi(request, '/v1/org', orgSchema)),
      ifAllowed(callApi(request, '/v1/members', memberListSchema)),
      ifAllowed(callApi(request, '/v1/ownership', ownershipSchema)),
    ]);
    const isLeaving = search.has('leave');
    return {
      org,
      mayCreate: orgs.mayCreate,
      deletion,
      members: members?.items ?? [],
      offer: ownership?.offer ?? null,
      isLeaving,
    };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeOrganisation(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

export default function Organisation({ loaderData, actionData }: Route.ComponentProps) {
  const { org, mayCreate, deletion, members, offer, isLeaving } = loaderData;
  const mayDelete = useMay('org:manage');
  const problem = actionData && !actionData.ok ? actionData.problem : null;
  return (
    <>
      <PageHeader title="Organisation">Its name, who owns it, the way out of it and its end.</PageHeader>
      <div className="max-w-[780px] space-y-5">
        {actionData?.ok ? (
          <Notice tone="ok" title="Done" role="status">
            {actionData.value.said}
          </Notice>
        ) : null}
        {problem ? <ProblemNotice problem={problem} /> : null}
        {org ? <NameSection org={org} problem={problem} /> : null}
        <OwnershipSection offer={offer} members={members} problem={problem} />
        {mayCreate ? (
          <Section title="Another organisation">
            <NewOrganisation action="/settings/organisation" problem={problem} />
          </Section>
        ) : null}
        <LeaveSection asked={isLeaving} />
        {mayDelete ? <DeleteSection preview={deletion} problem={problem} /> : null}
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
