import { data, Form } from 'react-router';
import * as z from 'zod';
import { attempt, callApi } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMe } from '#app/shell/use-me.ts';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Profile · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Profile' }] };

export const action = async ({ request }: Route.ActionArgs) => {
  const { intent, name, username, email, password } = Object.fromEntries(await request.formData());
  const result = await attempt(request, async () => {
    if (intent === 'email') {
      await callApi(request, '/v1/me/email', z.unknown(), { method: 'POST', body: { email, password } });
      return 'A link is on its way to the new address. Until it is opened, the old one stays.';
    }
    const body = { name, username: username === '' ? null : username };
    await callApi(request, '/v1/me', z.unknown(), { method: 'PATCH', body });
    return 'Your profile is changed.';
  });
  return result.ok ? result : data(result, { status: result.problem.status });
};

export default function Profile({ actionData }: Route.ComponentProps) {
  const { user } = useMe();
  return (
    <>
      <PageHeader title="Profile">How others see you, and where mails reach you.</PageHeader>
      <div className="max-w-[640px] space-y-5">
        {actionData?.ok ? (
          <Notice tone="ok" title="Done" role="status">
            {actionData.value}
          </Notice>
        ) : null}
        {actionData && !actionData.ok ? <ProblemNotice problem={actionData.problem} /> : null}
        <Section title="Name">
          <Form method="post" className="space-y-4">
            <TextField label="Your name" name="name" defaultValue={user?.name ?? ''} required maxLength={120} />
            <TextField
              label="User name"
              name="username"
              defaultValue={user?.username ?? ''}
              optional
              maxLength={32}
              hint="Letters, digits, dots, dashes and underscores. Nobody else has it."
            />
            <Button type="submit" variant="primary">
              Save
            </Button>
          </Form>
        </Section>
        <Section title="E-mail">
          <Form method="post" className="space-y-4">
            <input type="hidden" name="intent" value="email" />
            <p className="text-ink-2">
              You sign in with <strong className="font-medium text-ink">{user?.email}</strong>.
            </p>
            <TextField label="New address" name="email" type="email" autoComplete="email" required maxLength={254} />
            <TextField label="Your password" name="password" type="password" autoComplete="current-password" required />
            <Button type="submit">Mail a link to it</Button>
          </Form>
        </Section>
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
