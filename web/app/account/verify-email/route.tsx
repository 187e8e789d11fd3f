import { verifiedEmailSchema } from '@everwave/schema/api';
import { data, Form, useNavigation } from 'react-router';
import * as z from 'zod';
import { attempt, callApi } from '#app/api/api.server.ts';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { AccountPage } from '../account-page.tsx';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Confirm your address · Everwave' }];

export const loader = ({ request }: Route.LoaderArgs) => ({
  token: new URL(request.url).searchParams.get('token'),
});

export const action = async ({ request }: Route.ActionArgs) => {
  const { token } = Object.fromEntries(await request.formData());
  const result = await attempt(request, async () => {
    if (token === undefined) {
      await callApi(request, '/v1/email-verifications', z.unknown(), { method: 'POST' });
      return { email: null };
    }
    const path = '/v1/email-verifications/complete';
    return callApi(request, path, verifiedEmailSchema, { method: 'POST', body: { token } });
  });
  return result.ok ? result : data(result, { status: result.problem.status });
};

/** A mailed link opens this page; pressing the button uses it up, so that a mail program that looks at links does not. */
export default function VerifyEmail({ loaderData, actionData }: Route.ComponentProps) {
  const isBusy = useNavigation().state !== 'idle';
  const { token } = loaderData;
  if (actionData?.ok && actionData.value.email !== null) {
    return (
      <AccountPage title="The address is yours" lead={`${actionData.value.email} is confirmed.`}>
        <ButtonLink to="/" variant="primary" className="w-full">
          Go on
        </ButtonLink>
      </AccountPage>
    );
  }
  return (
    <AccountPage
      title="Confirm your e-mail address"
      lead={
        token === null
          ? 'Open the link that was mailed to you. Until then nothing else is open to you.'
          : 'This shows that the address is yours.'
      }
    >
      <Form method="post" className="space-y-5">
        {actionData?.ok ? (
          <Notice tone="ok" title="A mail is on its way" role="status">
            Its link works once, within a day.
          </Notice>
        ) : null}
        {actionData && !actionData.ok ? <ProblemNotice problem={actionData.problem} /> : null}
        {token === null ? null : <input type="hidden" name="token" value={token} />}
        <Button type="submit" variant="primary" className="w-full" aria-disabled={isBusy}>
          {token === null ? 'Mail me another link' : 'Confirm the address'}
        </Button>
      </Form>
      {token === null ? (
        <Form method="post" action="/sign-out" className="mt-5">
          <Button type="submit">Sign out</Button>
        </Form>
      ) : null}
    </AccountPage>
  );
}
