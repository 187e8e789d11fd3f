import { setupReplySchema, setupRequestSchema, setupStateSchema } from '@everwave/schema/api';
import { data, Form, redirect, useNavigation, useSearchParams } from 'react-router';
import { attempt, callApi, fetchApi, load, readReply, refuse } from '#app/api/api.server.ts';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { AccountPage } from '../account-page.tsx';
import { errorOf, isAboutFields, toFieldErrors } from '../field-errors.ts';
import { NewPasswordField } from '../new-password-field.tsx';
import { withCookies } from '../cookies.server.ts';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Set up · Everwave' }];

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const state = await callApi(request, '/v1/setup', setupStateSchema);
    return { needed: state.needed, hasToken: new URL(request.url).searchParams.has('token') };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const form = Object.fromEntries(await request.formData());
  const parsed = setupRequestSchema.safeParse(form);
  if (!parsed.success) {
    return data(refuse(request, 'Some fields need another look.', toFieldErrors(parsed.error)), { status: 400 });
  }
  const result = await attempt(request, async () => {
    const response = await fetchApi(request, '/v1/setup', { method: 'POST', body: parsed.data });
    await readReply(request, response, setupReplySchema);
    return withCookies(response);
  });
  // The api's answer signs the new owner in.
  return result.ok ? redirect('/', { headers: result.value }) : data(result, { status: result.problem.status });
};

export default function Setup({ loaderData, actionData }: Route.ComponentProps) {
  const navigation = useNavigation();
  const [search] = useSearchParams();
  const isBusy = navigation.state !== 'idle';
  const problem = actionData && !actionData.ok ? actionData.problem : null;
  const errors = problem?.errors ?? [];

  if (!loaderData.needed) {
    return (
      <AccountPage title="Already set up" lead="This installation has its owner; the link in the terminal works once.">
        <ButtonLink to="/sign-in" variant="primary" className="w-full">
          Sign in
        </ButtonLink>
      </AccountPage>
    );
  }
  if (!loaderData.hasToken) {
    return (
      <AccountPage title="One link is missing" lead="Setting up needs the one-time link from the terminal.">
        <Notice tone="info" title="Where to find it">
          The first start prints an address that ends in <code className="font-mono text-xs">/setup?token=…</code>. Open
          that whole address. A restart prints a new one while there is no owner.
        </Notice>
      </AccountPage>
    );
  }
  return (
    <AccountPage title="Make it yours" lead="You become the owner of this installation. It takes half a minute.">
      <Form method="post" className="space-y-5">
        {problem && !isAboutFields(errors, ['name', 'email', 'password']) ? <ProblemNotice problem={problem} /> : null}
        <input type="hidden" name="token" value={search.get('token') ?? ''} />
        <TextField
          label="Your name"
          name="name"
          autoComplete="name"
          required
          autoFocus
          maxLength={120}
          error={errorOf(errors, 'name')}
        />
        <TextField
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          hint="You sign in with it. Nothing is sent to it."
          error={errorOf(errors, 'email')}
        />
        <NewPasswordField error={errorOf(errors, 'password')} />
        <Button type="submit" variant="primary" className="w-full" aria-disabled={isBusy}>
          {isBusy ? 'Setting up…' : 'Set up Everwave'}
        </Button>
      </Form>
    </AccountPage>
  );
}
