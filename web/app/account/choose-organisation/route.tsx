import { myOrgListSchema } from '@everwave/schema/api';
import { ArrowRight, LogOut } from 'lucide-react';
import { data, Form } from 'react-router';
import { attempt, callApi, load, refuse } from '#app/api/api.server.ts';
import { Button } from '#app/components/ui/button.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { createOrganisation, newOrganisationSchema } from '#app/people/create-organisation.server.ts';
import { NewOrganisation } from '#app/people/new-organisation.tsx';
import { AccountPage } from '../account-page.tsx';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Your organisations · Everwave' }];

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, () => callApi(request, '/v1/me/orgs', myOrgListSchema));

/** Whoever may make an organisation needs none for that. */
export const action = async ({ request }: Route.ActionArgs) => {
  const form = newOrganisationSchema.safeParse(Object.fromEntries(await request.formData()));
  const errors = form.error?.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const result = form.success
    ? await attempt(request, () => createOrganisation(request, form.data.newName))
    : refuse(request, 'The name needs another look.', errors);
  return result.ok ? result : data(result, { status: result.problem.status });
};

/** Where a person lands whose session works in no organisation: those of theirs, or the way out. */
export default function ChooseOrganisation({ loaderData, actionData }: Route.ComponentProps) {
  const { items, mayCreate } = loaderData;
  const problem = actionData && !actionData.ok ? actionData.problem : null;
  return (
    <AccountPage
      title={items.length > 0 ? 'Where do you want to work?' : 'You belong to no organisation'}
      lead={
        items.length > 0
          ? 'You belong to these organisations.'
          : 'Your account is there, but no organisation has you as a member now. Ask somebody there for an invitation.'
      }
    >
      <ul className="space-y-2">
        {items.map(({ id, name, role }) => (
          <li key={id}>
            <Form method="post" action="/switch-organisation">
              <input type="hidden" name="orgId" value={id} />
              <Button type="submit" className="min-h-12 w-full justify-between text-left">
                <span className="min-w-0">
                  <span className="block truncate">{name}</span>
                  <span className="block text-xs font-normal text-ink-2">{role}</span>
                </span>
                <ArrowRight size={16} aria-hidden className="shrink-0" />
              </Button>
            </Form>
          </li>
        ))}
      </ul>
      {mayCreate ? (
        <div className={items.length > 0 ? 'mt-6 border-t border-line pt-6' : ''}>
          {problem ? <ProblemNotice problem={problem} /> : null}
          <NewOrganisation action="/choose-organisation" problem={problem} />
        </div>
      ) : null}
      <Form method="post" action="/sign-out" className="mt-6">
        <Button type="submit" variant="quiet" className="w-full" icon={<LogOut size={16} aria-hidden />}>
          Sign out
        </Button>
      </Form>
    </AccountPage>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => (
  <main className="px-6">
    <ErrorState error={error} />
  </main>
);
