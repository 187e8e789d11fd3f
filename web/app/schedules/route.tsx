import { scheduleListSchema, scheduleSchema } from '@everwave/schema/api';
import { AlarmClock } from 'lucide-react';
import { data, Link } from 'react-router';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { OlderNewer } from '#app/components/data/older-newer.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import type { Route } from './+types/route.ts';
import { ScheduleCard } from './schedule-card.tsx';
import { writeSchedule } from './write-schedule.server.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Schedules · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Flows', to: '/workflows' }, { label: 'Schedules' }] };

/** Each is asked for its next times. */
const shownAtOnce = 10;

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const [flowId, cursor] = [search.get('flow') ?? undefined, search.get('cursor') ?? undefined];
    const query = { limit: shownAtOnce, flowId, cursor };
    const { items, nextCursor } = await callApi(request, '/v1/schedules', scheduleListSchema, { query });
    const schedules = await Promise.all(items.map(({ id }) => callApi(request, `/v1/schedules/${id}`, scheduleSchema)));
    return { schedules, nextCursor };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeSchedule(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

export default function Schedules({ loaderData, actionData }: Route.ComponentProps) {
  const { schedules, nextCursor } = loaderData;
  return (
    <>
      <PageHeader title="Schedules">
        Flows that start at times. Temporal keeps the times; what is late is caught up as each schedule says.
      </PageHeader>
      <div className="space-y-5">
        {actionData?.ok ? (
          <Notice tone="ok" title={actionData.value.says} role="status">
            {actionData.value.runId ? (
              <Link to={`/runs/${actionData.value.runId}`} className="prose-link">
                Look at the run
              </Link>
            ) : null}
          </Notice>
        ) : null}
        {actionData && !actionData.ok ? <ProblemNotice problem={actionData.problem} /> : null}
        {schedules.length === 0 ? (
          <div className="card">
            <EmptyState icon={<AlarmClock />} title="No flow starts at times yet">
              Draw a flow that begins with the step Schedule, and publish it.
            </EmptyState>
          </div>
        ) : (
          schedules.map((schedule) => <ScheduleCard key={schedule.id} schedule={schedule} />)
        )}
        <OlderNewer nextCursor={nextCursor} what="schedules" />
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
