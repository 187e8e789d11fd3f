import { setupStateSchema, signUpRequestSchema, signUpStateSchema } from '@everwave/schema/api';
import { data, Form, Link, redirect, useNavigation } from 'react-router';
import * as z from 'zod';
import { attempt, callApi, load, refuse } from '#app/api/api.server.ts';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { AccountPage } from '../account-page.tsx';
import { errorOf, isAboutFields, toFieldErrors } from '../field-errors.ts';
import { NewPasswordField } from '../new-password-field.tsx';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Make an account · Everwave' }];

export const loader = async ({ request }: Route.LoaderArgs) => {
  const invitation = new URL(request.url).searchParams.get('invitation');
  // Whoever was invited signs up there: the address is the invitation's, and the account joins its organisation.
  if (invitation) return redirect(`/invitation?${new URLSearchParams({ token: invitation })}`);
  return load(request, async () => {
    const [setup, signUp] = await Promise.all([
      callApi(request, '/v1/setup', setupStateSchema),
      callApi(request, '/v1/sign-up', signUpStateSchema),
    ]);
    return { isOpen: signUp.isOpen, isSetupNeeded: setup.needed };
  });
};

const text = (value: FormDataEntryValue | undefined): string => (typeof value === 'string' ? value.trim() : '');

export const action = async ({ request }: Route.ActionArgs) => {
  const form = Object.fromEntries(await request.formData());
  const typed = { name: text(form['name']), email: text(form['email']) };
  const parsed = signUpRequestSchema.safeParse({ ...typed, password: form['password'] });
  const result = parsed.success
    ? await attempt(request, () => callApi(request, '/v1/sign-up', z.unknown(), { method: 'POST', body: parsed.data }))
    : refuse(request, 'Some fields need another look.', toFieldErrors(parsed.error));
  return result.ok
    ? { ok: true as const, email: typed.email }
    : data({ ...result, typed }, { status: result.problem.status });
};

export default function SignUp({ loaderData, actionData }: Route.ComponentProps) {
  const isBusy = useNavigation().state !== 'idle';
  if (actionData?.ok) return <Sent email={actionData.email} />;
  if (!loaderData.isOpen) return <Closed isSetupNeeded={loaderData.isSetupNeeded} />;
  const problem = actionData?.problem ?? null;
  const errors = problem?.errors ?? [];
  return (
    <AccountPage title="Make an account" lead="You get an organisation of your own, and can invite others to it.">
      <Form method="post" className="space-y-5">
        {problem && !isAboutFields(errors, ['name', 'email', 'password']) ? <ProblemNotice problem={problem} /> : null}
        <TextField
          label="Your name"
          name="name"
          autoComplete="name"
          required
          autoFocus
          maxLength={120}
          defaultValue={actionData?.typed.name}
          error={errorOf(errors, 'name')}
        />
        <TextField
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          maxLength={254}
          hint="You sign in with it. A link is mailed to it, which shows that it is yours."
          defaultValue={actionData?.typed.email}
          error={errorOf(errors, 'email')}
        />
        <NewPasswordField error={errorOf(errors, 'password')} />
        <Button type="submit" variant="primary" className="w-full" aria-disabled={isBusy}>
          {isBusy ? 'Making the account…' : 'Make the account'}
        </Button>
        <p className="text-ink-2">
          You have one already?{' '}
          <Link to="/sign-in" className="prose-link">
            Sign in
          </Link>
        </p>
      </Form>
    </AccountPage>
  );
}

/** The same whether or not somebody has the address: its owner learns it from the mail. */
const Sent = ({ email }: { readonly email: string }) => (
  <AccountPage title="Confirm your e-mail address" lead="One step is left, and it is in your mail.">
    <div className="space-y-5">
      <Notice tone="ok" title="A mail is on its way" role="status">
        It goes to {email}. Open its link within a day, then sign in. If you have an account with this address already,
        the mail says so.
      </Notice>
      <ButtonLink to="/sign-in" variant="primary" className="w-full">
        Sign in
      </ButtonLink>
      <p className="text-ink-2">
        Nothing came? Look into your spam, and whether the address is right. Whoever has signed in can have another link
        sent.
      </p>
    </div>
  </AccountPage>
);

const Closed = ({ isSetupNeeded }: { readonly isSetupNeeded: boolean }) => (
  <AccountPage
    title="Signing up is closed"
    lead={
      isSetupNeeded ? 'This installation has no owner yet, who comes first.' : 'Here people come by invitation alone.'
    }
  >
    <div className="space-y-5">
      {isSetupNeeded ? (
        <Notice tone="info" title="Become its owner">
          Open the one-time link that the terminal printed at the first start; it sets your name and password.
        </Notice>
      ) : (
        <Notice tone="info" title="How to get in">
          Ask an owner or admin of your organisation for an invitation. Its mail has a link that makes your account.
        </Notice>
      )}
      <ButtonLink to="/sign-in" variant="primary" className="w-full">
        Sign in
      </ButtonLink>
      <p className="text-xs text-ink-2">
        Whoever runs this installation opens it with <code className="font-mono">EVERWAVE_SIGN_UP=open</code>.
      </p>
    </div>
  </AccountPage>
);
