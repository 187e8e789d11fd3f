import { data, Form, Link, useNavigation } from 'react-router';
import * as z from 'zod';
import { attempt, callApi } from '#app/api/api.server.ts';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { AccountPage } from '../account-page.tsx';
import { NewPasswordField } from '../new-password-field.tsx';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'New password · Everwave' }];

export const loader = ({ request }: Route.LoaderArgs) => ({
  token: new URL(request.url).searchParams.get('token') ?? '',
});

export const action = async ({ request }: Route.ActionArgs) => {
  const { token, password } = Object.fromEntries(await request.formData());
  const result = await attempt(request, () =>
    callApi(request, '/v1/password-resets/complete', z.unknown(), { method: 'POST', body: { token, password } }),
  );
  return result.ok ? { ok: true as const } : data(result, { status: result.problem.status });
};

export default function ResetPassword({ loaderData, actionData }: Route.ComponentProps) {
  const isBusy = useNavigation().state !== 'idle';
  if (actionData?.ok) {
    return (
      <AccountPage title="The password is changed" lead="You are signed out everywhere. Sign in with the new one.">
        <ButtonLink to="/sign-in" variant="primary" className="w-full">
          Sign in
        </ButtonLink>
      </AccountPage>
    );
  }
  const problem = actionData?.problem ?? null;
  const about = problem?.errors.find(({ path }) => path === 'password');
  return (
    <AccountPage title="Choose a new password" lead="You are then signed out everywhere, and sign in with it.">
      <Form method="post" className="space-y-5">
        {problem && !about ? <ProblemNotice problem={problem} /> : null}
        <input type="hidden" name="token" value={loaderData.token} />
        <NewPasswordField label="New password" autoFocus error={about?.message} />
        <Button type="submit" variant="primary" className="w-full" aria-disabled={isBusy}>
          {isBusy ? 'Changing…' : 'Change the password'}
        </Button>
        <Link to="/forgot-password" className="prose-link">
          Ask for another link
        </Link>
      </Form>
    </AccountPage>
  );
}
