import { setupStateSchema, signUpStateSchema } from '@everwave/schema/api';
import { data, Form, Link, useNavigation, useSearchParams } from 'react-router';
import * as z from 'zod';
import { ApiError } from '#app/api/api-error.ts';
import { callApi, load } from '#app/api/api.server.ts';
import { Button } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Notice } from '#app/components/ui/notice.tsx';
import { AccountPage } from '../account-page.tsx';
import { safeNext } from '../safe-next.ts';
import { giveCode, signIn, type SignInRefusal } from '../sign-in.server.ts';
import type { Route } from './+types/route.ts';

const formSchema = z.union([
  z.object({ challenge: z.string().max(200), code: z.string().trim().max(40) }),
  z.object({
    email: z.string().trim().max(254),
    password: z.string().max(256),
    rememberMe: z
      .literal('on')
      .optional()
      .transform((checked) => checked === 'on'),
  }),
]);

const refusals: Readonly<Record<SignInRefusal, { readonly title: string; readonly text: string }>> = {
  wrong: {
    title: 'That did not match',
    text: 'No account has this e-mail address with this password. Check both and try again.',
  },
  'wrong-code': {
    title: 'That code does not fit',
    text: 'It may be used or too old. Wait for the next one that the app shows, or use a recovery code.',
  },
  'too-late': { title: 'Begin again', text: 'This took too long, or too many codes. Give the password again.' },
  'too-many': { title: 'Too many tries', text: 'Wait a minute, then try again.' },
  unavailable: {
    title: 'Signing in is not possible right now',
    text: 'The api does not answer. Try again in a few seconds.',
  },
};

export const meta: Route.MetaFunction = () => [{ title: 'Sign in · Everwave' }];

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const [setup, signUp] = await Promise.all([
      callApi(request, '/v1/setup', setupStateSchema),
      callApi(request, '/v1/sign-up', signUpStateSchema),
    ]);
    return { setup, signUp };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const form = formSchema.safeParse(Object.fromEntries(await request.formData()));
  if (!form.success) return data({ refused: 'wrong' } as const, { status: 400 });
  const next = safeNext(new URL(request.url).searchParams.get('next'));
  try {
    const fields = form.data;
    const answer = 'challenge' in fields ? await giveCode(request, fields, next) : await signIn(request, fields, next);
    return answer instanceof Response ? answer : data(answer, { status: 'refused' in answer ? 400 : 200 });
  } catch (error) {
    if (error instanceof ApiError) return data({ refused: 'unavailable' } as const, { status: 502 });
    throw error;
  }
};

export default function SignIn({ loaderData, actionData }: Route.ComponentProps) {
  const navigation = useNavigation();
  const [search] = useSearchParams();
  const isBusy = navigation.state !== 'idle';
  const refusal = actionData && 'refused' in actionData ? refusals[actionData.refused] : null;
  const challenge = actionData && 'challenge' in actionData ? actionData.challenge : undefined;
  if (challenge !== undefined) return <CodeStep challenge={challenge} refusal={refusal} isBusy={isBusy} />;
  return (
    <AccountPage
      title="Welcome back"
      lead={
        search.has('next')
          ? 'Sign in to go on to the page you asked for.'
          : 'Sign in to see what your flows have been doing.'
      }
    >
      <Form method="post" className="space-y-5">
        {loaderData.setup.needed ? (
          <Notice tone="info" title="This installation has no owner yet">
            Open the one-time link that the terminal printed at the first start; it sets your name and password.
          </Notice>
        ) : null}
        {refusal ? (
          <Notice tone="bad" title={refusal.title} role="alert">
            {refusal.text}
          </Notice>
        ) : null}
        <TextField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus />
        <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
        <div className="flex flex-wrap items-center justify-between gap-3">
          <label className="flex min-h-9 items-center gap-2">
            <input type="checkbox" name="rememberMe" className="size-4 accent-coral" />
            Stay signed in
          </label>
          <Link to="/forgot-password" className="prose-link">
            Forgot the password?
          </Link>
        </div>
        <Button type="submit" variant="primary" className="w-full" aria-disabled={isBusy}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </Button>
        {loaderData.signUp.isOpen ? (
          <p className="text-ink-2">
            New here?{' '}
            <Link to="/sign-up" className="prose-link">
              Make an account
            </Link>
          </p>
        ) : null}
      </Form>
    </AccountPage>
  );
}

interface CodeStepProps {
  readonly challenge: string;
  readonly refusal: { readonly title: string; readonly text: string } | null;
  readonly isBusy: boolean;
}

/** Asked of whoever has a second factor, once the password was right. */
const CodeStep = ({ challenge, refusal, isBusy }: CodeStepProps) => (
  <AccountPage title="One more step" lead="Give the code that your authenticator app shows now.">
    <Form method="post" className="space-y-5">
      {refusal ? (
        <Notice tone="bad" title={refusal.title} role="alert">
          {refusal.text}
        </Notice>
      ) : null}
      <input type="hidden" name="challenge" value={challenge} />
      <TextField
        label="Code"
        name="code"
        autoComplete="one-time-code"
        required
        autoFocus
        maxLength={40}
        hint="Six digits, or one of your recovery codes."
      />
      <Button type="submit" variant="primary" className="w-full" aria-disabled={isBusy}>
        {isBusy ? 'Signing in…' : 'Go on'}
      </Button>
      <Link to="/sign-in" reloadDocument className="prose-link">
        Begin again
      </Link>
    </Form>
  </AccountPage>
);
