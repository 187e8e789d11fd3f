import { unsubscribedSchema } from '@everwave/schema/api';
import { data, Form, useNavigation } from 'react-router';
import { attempt, callApi } from '#app/api/api.server.ts';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { notificationWords } from '#app/settings/notifications/kinds.ts';
import { AccountPage } from '../account-page.tsx';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'End mails · Everwave' }];

const tokenOf = (request: Request): string | null => new URL(request.url).searchParams.get('token');

export const loader = ({ request }: Route.LoaderArgs) => ({ hasToken: Boolean(tokenOf(request)) });

/** A mail program's own button asks here as well, with another body: the token stands in the address. */
export const action = async ({ request }: Route.ActionArgs) => {
  const body = { token: tokenOf(request) };
  const result = await attempt(request, () =>
    callApi(request, '/v1/unsubscribe', unsubscribedSchema, { method: 'POST', body }),
  );
  return result.ok ? result : data(result, { status: result.problem.status });
};

/** Opening the link changes nothing, because mail programs look at links by themselves. */
export default function Unsubscribe({ loaderData, actionData }: Route.ComponentProps) {
  const isBusy = useNavigation().state !== 'idle';
  const settings = (
    <ButtonLink to="/settings/notifications" className="w-full">
      Choose under Settings, Notifications
    </ButtonLink>
  );
  if (actionData?.ok) {
    const { kind, orgName } = actionData.value;
    return (
      <AccountPage
        title="These mails have ended"
        lead={`You get no more mails from ${orgName} of the kind “${notificationWords[kind].label}”.`}
      >
        {settings}
      </AccountPage>
    );
  }
  if (!loaderData.hasToken) {
    return (
      <AccountPage title="This link is not whole" lead="Open it from the mail again, or sign in and choose there.">
        {settings}
      </AccountPage>
    );
  }
  return (
    <AccountPage
      title="End these mails?"
      lead="You then get no more mails of the kind that this link came with. Mails about your account still come."
    >
      <Form method="post" className="space-y-5">
        {actionData ? <ProblemNotice problem={actionData.problem} /> : null}
        <Button type="submit" variant="primary" className="w-full" aria-disabled={isBusy}>
          End these mails
        </Button>
        {settings}
      </Form>
    </AccountPage>
  );
}
