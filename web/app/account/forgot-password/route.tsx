import { data, Form, Link, useNavigation } from 'react-router';
import * as z from 'zod';
import { attempt, callApi } from '#app/api/api.server.ts';
import { Button } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { AccountPage } from '../account-page.tsx';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Forgot the password · Everwave' }];

export const action = async ({ request }: Route.ActionArgs) => {
  const { email } = Object.fromEntries(await request.formData());
  const result = await attempt(request, () =>
    callApi(request, '/v1/password-resets', z.unknown(), { method: 'POST', body: { email } }),
  );
  return result.ok ? { ok: true as const } : data(result, { status: result.problem.status });
};

export default function ForgotPassword({ actionData }: Route.ComponentProps) {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <AccountPage title="Forgot the password?" lead="Give your address, and a link to choose a new one is mailed to it.">
      <Form method="post" className="space-y-5">
        {actionData?.ok ? (
          <Notice tone="ok" title="Look into your mail" role="status">
            If somebody has this address here, a link is on its way. It works once, within an hour.
          </Notice>
        ) : null}
        {actionData && !actionData.ok ? <ProblemNotice problem={actionData.problem} /> : null}
        <TextField label="E-mail" name="email" type="email" autoComplete="username" required maxLength={254} />
        <Button type="submit" variant="primary" className="w-full" aria-disabled={isBusy}>
          {isBusy ? 'Asking…' : 'Mail me a link'}
        </Button>
        <Link to="/sign-in" className="prose-link">
          Back to signing in
        </Link>
      </Form>
    </AccountPage>
  );
}
