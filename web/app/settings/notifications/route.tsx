import { notificationKinds, notificationPreferencesSchema } from '@everwave/schema/api';
import { data, Form } from 'react-router';
import { attempt, callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMe } from '#app/shell/use-me.ts';
import { TimeAgo } from '#app/time/time-ago.tsx';
import type { Route } from './+types/route.ts';
import { notificationWords } from './kinds.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Notifications · Everwave' }];

export const handle: PageHandle = {
  crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Notifications' }],
};

const path = '/v1/me/notifications';

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, () => callApi(request, path, notificationPreferencesSchema));

export const action = async ({ request }: Route.ActionArgs) => {
  const form = await request.formData();
  const body = Object.fromEntries(notificationKinds.map((kind) => [kind, form.has(kind)]));
  const result = await attempt(request, () =>
    callApi(request, path, notificationPreferencesSchema, { method: 'PATCH', body }),
  );
  return result.ok ? result : data(result, { status: result.problem.status });
};

export default function Notifications({ loaderData, actionData }: Route.ComponentProps) {
  const { org } = useMe();
  const { email, items } = loaderData;
  return (
    <>
      <PageHeader title="Notifications">
        Which mails you get from {org.name}. Each has a link that ends its kind without signing in.
      </PageHeader>
      <div className="max-w-[640px] space-y-5">
        {actionData?.ok ? (
          <Notice tone="ok" title="Saved" role="status">
            This holds from now on, for this organisation.
          </Notice>
        ) : null}
        {actionData && !actionData.ok ? <ProblemNotice problem={actionData.problem} /> : null}
        <Section title="Mails">
          <Form method="post" className="space-y-5">
            <p className="text-ink-2 [overflow-wrap:anywhere]">
              They go to <strong className="font-medium text-ink">{email}</strong>.
            </p>
            {items.map(({ kind, isOn, decidedAt }) => (
              <label key={kind} className="flex items-start gap-3">
                <input
                  type="checkbox"
                  name={kind}
                  defaultChecked={isOn}
                  className="mt-1 size-4 shrink-0 accent-coral"
                />
                <span className="min-w-0">
                  <span className="block font-medium">{notificationWords[kind].label}</span>
                  <span className="block text-ink-2">{notificationWords[kind].hint}</span>
                  {decidedAt === null ? null : (
                    <span className="block text-xs text-ink-2">
                      You decided <TimeAgo at={decidedAt} />.
                    </span>
                  )}
                </span>
              </label>
            ))}
            <Button type="submit" variant="primary">
              Save
            </Button>
          </Form>
        </Section>
        <Section title="Always on">
          <p className="text-ink-2">
            Mails about your account, such as a changed password or a new address, cannot be turned off: they tell you
            when it was not you.
          </p>
        </Section>
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
