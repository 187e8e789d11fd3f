import { joinedSchema, joinRequestSchema, myOrgListSchema, openedInvitationSchema, roles } from '@everwave/schema/api';
import { data, Form, redirect, useNavigation } from 'react-router';
import { ApiError } from '#app/api/api-error.ts';
import { type ActionResult, attempt, callApi, fetchApi, load, readReply, refuse } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { roleWords } from '#app/people/role-words.ts';
import { AccountPage } from '../account-page.tsx';
import { errorOf, isAboutFields, toFieldErrors } from '../field-errors.ts';
import { NewPasswordField } from '../new-password-field.tsx';
import { withCookies } from '../cookies.server.ts';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Invitation · Everwave' }];

const tokenOf = (request: Request): string => new URL(request.url).searchParams.get('token') ?? '';

const isSignedIn = async (request: Request): Promise<boolean> => {
  try {
    await callApi(request, '/v1/me/orgs', myOrgListSchema);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 401) return false;
    throw error;
  }
};

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const body = { token: tokenOf(request) || 'none' };
    const opened = await attempt(request, () =>
      callApi(request, '/v1/invitations/open', openedInvitationSchema, { method: 'POST', body }),
    );
    const next = new URLSearchParams({ next: `/invitation?${new URLSearchParams(body)}` });
    return { opened, signedIn: await isSignedIn(request), signInAt: `/sign-in?${next}` };
  });

const accept = (request: Request): Promise<ActionResult<Headers>> =>
  attempt(request, async () => {
    const body = { token: tokenOf(request) };
    await callApi(request, '/v1/invitations/accept', joinedSchema, { method: 'POST', body });
    return new Headers();
  });

const join = async (request: Request, form: Record<string, unknown>): Promise<ActionResult<Headers>> => {
  const parsed = joinRequestSchema.safeParse({ ...form, token: tokenOf(request) });
  if (!parsed.success) {
    return refuse(request, 'Some fields need another look.', toFieldErrors(parsed.error));
  }
  return attempt(request, async () => {
    const response = await fetchApi(request, '/v1/invitations/join', { method: 'POST', body: parsed.data });
    await readReply(request, response, joinedSchema);
    return withCookies(response);
  });
};

export const action = async ({ request }: Route.ActionArgs) => {
  const { intent, ...fields } = Object.fromEntries(await request.formData());
  const result = intent === 'accept' ? await accept(request) : await join(request, fields);
  return result.ok ? redirect('/', { headers: result.value }) : data(result, { status: result.problem.status });
};

export default function Invitation({ loaderData, actionData }: Route.ComponentProps) {
  const { opened, signedIn, signInAt } = loaderData;
  const isBusy = useNavigation().state !== 'idle';
  if (!opened.ok) {
    return (
      <AccountPage title="This invitation does not open" lead={opened.problem.detail}>
        <ButtonLink to="/sign-in" className="w-full">
          Sign in
        </ButtonLink>
      </AccountPage>
    );
  }
  const { orgName, email, role, roleName, invitedBy, hasAccount } = opened.value;
  const problem = actionData && !actionData.ok ? actionData.problem : null;
  const errors = problem?.errors ?? [];
  const builtIn = roles.find((each) => each === role);
  const lead = `${invitedBy} invites ${email}. The role is ${roleName}${builtIn ? `: ${roleWords[builtIn]}` : ''}.`;
  return (
    <AccountPage title={`Join ${orgName}`} lead={lead}>
      <Form method="post" className="space-y-5">
        {problem && !isAboutFields(errors, ['name', 'password']) ? <ProblemNotice problem={problem} /> : null}
        {signedIn ? (
          <>
            <input type="hidden" name="intent" value="accept" />
            <Button type="submit" variant="primary" className="w-full" aria-disabled={isBusy}>
              Accept the invitation
            </Button>
          </>
        ) : hasAccount ? (
          <>
            <Notice tone="info" title="You have an account here">
              Sign in as {email}, and you come back to this invitation.
            </Notice>
            <ButtonLink to={signInAt} variant="primary" className="w-full">
              Sign in to accept
            </ButtonLink>
          </>
        ) : (
          <>
            <input type="hidden" name="intent" value="join" />
            <TextField label="E-mail" type="email" value={email} readOnly autoComplete="username" />
            <TextField
              label="Your name"
              name="name"
              autoComplete="name"
              required
              autoFocus
              maxLength={120}
              error={errorOf(errors, 'name')}
            />
            <NewPasswordField error={errorOf(errors, 'password')} />
            <Button type="submit" variant="primary" className="w-full" aria-disabled={isBusy}>
              Join {orgName}
            </Button>
          </>
        )}
      </Form>
      {signedIn ? (
        <Form method="post" action="/sign-out" className="mt-4">
          <Button type="submit" variant="quiet" className="w-full">
            I am somebody else: sign out
          </Button>
        </Form>
      ) : null}
    </AccountPage>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => (
  <main className="px-6">
    <ErrorState error={error} />
  </main>
);
