import { secondFactorStateSchema, signInRulesSchema } from '@everwave/schema/api';
import { data, Form } from 'react-router';
import { NewPasswordField } from '#app/account/new-password-field.tsx';
import { callApi, ifAllowed, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { writeSecurity } from './write-security.server.ts';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Security · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Security' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const [factor, rules] = await Promise.all([
      callApi(request, '/v1/me/second-factor', secondFactorStateSchema),
      ifAllowed(callApi(request, '/v1/org/sign-in-rules', signInRulesSchema)),
    ]);
    return { factor, rules };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeSecurity(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

const Password = () => (
  <TextField label="Your password" name="password" type="password" autoComplete="current-password" required />
);

export default function Security({ loaderData, actionData }: Route.ComponentProps) {
  const { factor, rules } = loaderData;
  return (
    <>
      <PageHeader title="Security">Your password, and what is asked for after it.</PageHeader>
      <div className="max-w-[640px] space-y-5">
        {actionData?.ok ? (
          <Notice tone="ok" title="Done" role="status">
            <p>{actionData.value.said}</p>
            {actionData.value.codes ? (
              <ul className="mt-2 font-mono text-sm">
                {actionData.value.codes.map((code) => (
                  <li key={code}>{code}</li>
                ))}
              </ul>
            ) : null}
          </Notice>
        ) : null}
        {actionData && !actionData.ok ? <ProblemNotice problem={actionData.problem} /> : null}
        <Section title="Password">
          <Form method="post" className="space-y-4">
            <input type="hidden" name="intent" value="password" />
            <TextField
              label="Password until now"
              name="currentPassword"
              type="password"
              autoComplete="current-password"
              required
            />
            <NewPasswordField
              label="New password"
              name="newPassword"
              hint="At least 12 characters. Your other sessions end."
            />
            <Button type="submit" variant="primary">
              Change the password
            </Button>
          </Form>
        </Section>
        <Section title="Second factor">
          {factor.isOn ? (
            <div className="space-y-5">
              <p className="text-ink-2">
                On since {factor.since ? <TimeAgo at={factor.since} /> : 'long ago'}. {factor.recoveryCodesLeft}{' '}
                recovery codes are left.
              </p>
              <Form method="post" className="space-y-4">
                <Password />
                <div className="flex flex-wrap gap-2">
                  <Button type="submit" name="intent" value="codes">
                    New recovery codes
                  </Button>
                  <Button type="submit" name="intent" value="remove">
                    Remove the second factor
                  </Button>
                </div>
              </Form>
            </div>
          ) : (
            <>
              <p className="mb-3 text-ink-2">A code of an app on your phone, asked for after your password.</p>
              <ButtonLink to="/second-factor" variant="primary">
                Set it up
              </ButtonLink>
            </>
          )}
        </Section>
        {rules ? (
          <Section title="Your organisation">
            <p className="mb-3 text-ink-2">
              {rules.requiresSecondFactor
                ? 'Owners and admins have to have a second factor before they may do anything else.'
                : 'Nobody has to have a second factor.'}
            </p>
            <Form method="post">
              <input type="hidden" name="intent" value="rules" />
              <input type="hidden" name="requiresSecondFactor" value={String(!rules.requiresSecondFactor)} />
              <Button type="submit">
                {rules.requiresSecondFactor ? 'Ask nobody for it' : 'Ask owners and admins for it'}
              </Button>
            </Form>
          </Section>
        ) : null}
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
