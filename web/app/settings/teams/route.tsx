import { memberListSchema, teamListSchema } from '@everwave/schema/api';
import { Users } from 'lucide-react';
import { data, Form, useNavigation } from 'react-router';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMay } from '#app/shell/use-me.ts';
import type { Route } from './+types/route.ts';
import { TeamCard } from './team-card.tsx';
import { writeTeam } from './write-team.server.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Teams · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Teams' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const [teams, members] = await Promise.all([
      callApi(request, '/v1/teams', teamListSchema),
      callApi(request, '/v1/members', memberListSchema),
    ]);
    return {
      teams: teams.items,
      members: members.items,
      managed: search.get('team'),
      isDeleting: search.has('delete'),
    };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeTeam(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

const NewTeam = () => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Section title="New team">
      <Form method="post" action="/settings/teams" className="flex flex-wrap items-end gap-3">
        <input type="hidden" name="intent" value="create" />
        <div className="min-w-0 flex-1 basis-56">
          <TextField label="Name" name="name" required maxLength={80} />
        </div>
        <Button type="submit" variant="primary" disabled={isBusy}>
          Create the team
        </Button>
      </Form>
    </Section>
  );
};

export default function Teams({ loaderData, actionData }: Route.ComponentProps) {
  const { teams, members, managed, isDeleting } = loaderData;
  const mayManage = useMay('members:manage');
  const said = actionData?.ok ? actionData.value.said : null;
  return (
    <>
      <PageHeader title="Teams">People of your organisation under one name.</PageHeader>
      <div className="max-w-[980px] space-y-5">
        {said ? (
          <Notice tone="ok" title="Done" role="status">
            {said}
          </Notice>
        ) : null}
        {actionData && !actionData.ok ? <ProblemNotice problem={actionData.problem} /> : null}
        {mayManage ? <NewTeam key={said} /> : null}
        {teams.map((team) => (
          <TeamCard
            key={team.id}
            team={team}
            members={members}
            mayManage={mayManage}
            isManaging={managed === team.id}
            isDeleting={isDeleting}
          />
        ))}
        {teams.length === 0 ? (
          <Section title="Teams" flush>
            <EmptyState icon={<Users />} title="No team yet">
              {mayManage
                ? 'Give it a name, then take members of the organisation in.'
                : 'Whoever manages members makes teams.'}
            </EmptyState>
          </Section>
        ) : null}
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
