import { sessionListSchema } from '@everwave/schema/api';
import { data, Form } from 'react-router';
import * as z from 'zod';
import { attempt, callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { TimeAgo } from '#app/time/time-ago.tsx';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Sessions · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Sessions' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, () => callApi(request, '/v1/me/sessions', sessionListSchema));

export const action = async ({ request }: Route.ActionArgs) => {
  const sessionId = z
    .string()
    .max(100)
    .nullable()
    .parse((await request.formData()).get('sessionId'));
  const path = sessionId === null ? '/v1/me/sessions' : `/v1/me/sessions/${encodeURIComponent(sessionId)}`;
  const result = await attempt(request, () => callApi(request, path, z.unknown(), { method: 'DELETE' }));
  return result.ok ? null : data(result, { status: result.problem.status });
};

export default function Sessions({ loaderData, actionData }: Route.ComponentProps) {
  const { items } = loaderData;
  return (
    <>
      <PageHeader title="Sessions">Where you are signed in. What you end is signed out with its next page.</PageHeader>
      <div className="max-w-[780px] space-y-5">
        {actionData && !actionData.ok ? <ProblemNotice problem={actionData.problem} /> : null}
        <Section title="Signed in" flush>
          <ul className="divide-y divide-line">
            {items.map(({ id, isCurrent, userAgent, createdAt, lastSeenAt }) => (
              <li key={id} className="flex flex-wrap items-center justify-between gap-3 px-5 py-3">
                <div className="min-w-0 [overflow-wrap:anywhere]">
                  <p className="font-medium">
                    {isCurrent ? 'This browser' : (userAgent ?? 'A browser without a name')}
                  </p>
                  <p className="text-xs text-ink-2">
                    signed in <TimeAgo at={createdAt} />, last seen <TimeAgo at={lastSeenAt} />
                  </p>
                </div>
                {isCurrent ? null : (
                  <Form method="post">
                    <input type="hidden" name="sessionId" value={id} />
                    <Button type="submit">End</Button>
                  </Form>
                )}
              </li>
            ))}
          </ul>
        </Section>
        {items.length > 1 ? (
          <Form method="post">
            <Button type="submit">End all others</Button>
          </Form>
        ) : null}
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
