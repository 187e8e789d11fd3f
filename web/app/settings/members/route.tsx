import { invitationListSchema, memberListSchema, roleListSchema } from '@everwave/schema/api';
import { data } from 'react-router';
import { callApi, ifAllowed, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import type { Route } from './+types/route.ts';
import { Invitations } from './invitations.tsx';
import { MemberRow } from './member-row.tsx';
import { writeMember } from './write-member.server.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Members · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Members' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const [members, roles, invitations] = await Promise.all([
      callApi(request, '/v1/members', memberListSchema),
      ifAllowed(callApi(request, '/v1/roles', roleListSchema)),
      ifAllowed(callApi(request, '/v1/invitations', invitationListSchema)),
    ]);
    const own = roles?.items.filter(({ isBuiltIn }) => !isBuiltIn) ?? [];
    return {
      members: members.items,
      own,
      invitations: invitations?.items ?? null,
      role: search.get('role'),
      removed: search.get('remove'),
    };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeMember(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

export default function Members({ loaderData, actionData }: Route.ComponentProps) {
  const { members, own, invitations, role, removed } = loaderData;
  const problem = actionData && !actionData.ok ? actionData.problem : null;
  return (
    <>
      <PageHeader title="Members">Who belongs to your organisation, and what they may do in it.</PageHeader>
      <div className="max-w-[980px] space-y-5">
        {actionData?.ok ? (
          <Notice tone="ok" title="Done" role="status">
            {actionData.value.said}
          </Notice>
        ) : null}
        {problem ? <ProblemNotice problem={problem} /> : null}
        <Section title="People" flush>
          <ul className="divide-y divide-line">
            {members.map((member) => (
              <MemberRow
                key={member.id}
                member={member}
                own={own}
                asked={member.id === role ? 'role' : member.id === removed ? 'remove' : null}
              />
            ))}
          </ul>
        </Section>
        {invitations ? (
          <Invitations
            invitations={invitations}
            own={own}
            problem={problem}
            sent={actionData?.ok ? actionData.value.said : ''}
          />
        ) : null}
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
