import { secondFactorStateSchema } from '@everwave/schema/api';
import { Form, useNavigation } from 'react-router';
import { callApi, load } from '#app/api/api.server.ts';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { AccountPage } from '../account-page.tsx';
import { QrImage } from './qr-image.tsx';
import { setUp } from './set-up.server.ts';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Second factor · Everwave' }];

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, () => callApi(request, '/v1/me/second-factor', secondFactorStateSchema));

export const action = async ({ request }: Route.ActionArgs) =>
  setUp(request, Object.fromEntries(await request.formData()));

const inFours = (secret: string): string => (secret.match(/.{1,4}/g) ?? []).join(' ');

/** Sets a second factor up, step by step; an organisation may send its owners and admins here before anything else. */
export default function SecondFactor({ loaderData, actionData }: Route.ComponentProps) {
  const isBusy = useNavigation().state !== 'idle';
  if (actionData && 'codes' in actionData) {
    return (
      <AccountPage
        title="Keep these codes"
        lead="Each stands in once for your app, if you lose it. They are shown now only."
      >
        <ul className="mb-5 grid grid-cols-1 gap-1 rounded-lg bg-sunken p-4 font-mono text-sm sm:grid-cols-2">
          {actionData.codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <ButtonLink to="/" variant="primary" className="w-full">
          I have kept them
        </ButtonLink>
      </AccountPage>
    );
  }
  if (loaderData.isOn) {
    return (
      <AccountPage title="You have a second factor" lead="It is asked for after your password.">
        <ButtonLink to="/settings/security" variant="primary" className="w-full">
          Security settings
        </ButtonLink>
      </AccountPage>
    );
  }
  const problem = actionData?.problem ?? null;
  if (actionData && 'secret' in actionData) {
    return (
      <AccountPage title="Add it to your app" lead="Then give the first code that the app shows.">
        <Form method="post" className="space-y-5">
          {problem ? <ProblemNotice problem={problem} /> : null}
          <QrImage code={actionData.qr} label="The key, to be scanned" />
          <p>
            Scan it with the app. On this device,{' '}
            <a className="prose-link" href={actionData.uri}>
              open the app
            </a>
            ; or type this key into it:
          </p>
          <p className="rounded-lg bg-sunken p-4 font-mono text-sm [overflow-wrap:anywhere]" data-secret>
            {inFours(actionData.secret)}
          </p>
          <input type="hidden" name="secret" value={actionData.secret} />
          <input type="hidden" name="uri" value={actionData.uri} />
          <TextField
            label="Code"
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            maxLength={10}
            hint="The six digits that the app shows now."
          />
          <Button type="submit" variant="primary" className="w-full" aria-disabled={isBusy}>
            {isBusy ? 'Checking…' : 'Turn it on'}
          </Button>
        </Form>
      </AccountPage>
    );
  }
  return (
    <AccountPage
      title="Set up a second factor"
      lead="After your password, a code of an app on your phone is asked for."
    >
      <Form method="post" className="space-y-5">
        {loaderData.isRequired ? (
          <Notice tone="info" title="Your organisation asks for it">
            Owners and admins set it up before they go on.
          </Notice>
        ) : null}
        {problem ? <ProblemNotice problem={problem} /> : null}
        <TextField label="Your password" name="password" type="password" autoComplete="current-password" required />
        <Button type="submit" variant="primary" className="w-full" aria-disabled={isBusy}>
          Begin
        </Button>
      </Form>
    </AccountPage>
  );
}
