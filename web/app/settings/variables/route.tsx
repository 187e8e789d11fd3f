import { variableListSchema } from '@everwave/schema/api';
import { variableTypes } from '@everwave/schema/flow';
import { Braces, Plus } from 'lucide-react';
import { data } from 'react-router';
import * as z from 'zod';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMay } from '#app/shell/use-me.ts';
import type { Route } from './+types/route.ts';
import { VariableForm } from './variable-form.tsx';
import { VariableRow } from './variable-row.tsx';
import { type VariableDeed, writeVariable } from './write-variable.server.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Variables · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Variables' }] };

const typeSchema = z.enum(variableTypes).nullable().catch(null);

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const { items } = await callApi(request, '/v1/variables', variableListSchema);
    return {
      variables: items,
      isNew: search.has('new'),
      asked: typeSchema.parse(search.get('new') ?? search.get('as')),
      edited: search.get('edit'),
      deleted: search.get('delete'),
    };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeVariable(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

const deedWords: Readonly<Record<VariableDeed['did'], string>> = {
  added: 'is there: flows can read it',
  changed: 'is changed',
  deleted: 'is deleted',
};

/** Works without script: every deed is a form, every state an address. */
export default function Variables({ loaderData, actionData }: Route.ComponentProps) {
  const { variables, isNew, asked, edited, deleted } = loaderData;
  const mayWrite = useMay('variables:write');
  const refused = actionData && !actionData.ok ? actionData : null;
  const deed = actionData?.ok ? actionData.value : null;
  const typed = refused?.typed ?? null;
  const editing = variables.find(({ name }) => name === (typed && !typed.isNew ? typed.name : edited)) ?? null;
  const showsForm = mayWrite && !deed && (isNew || editing !== null || typed !== null);
  const add = (
    <ButtonLink to="/settings/variables?new=string" icon={<Plus size={15} aria-hidden />}>
      New variable
    </ButtonLink>
  );
  return (
    <>
      <PageHeader title="Variables" actions={mayWrite && variables.length > 0 ? add : null}>
        What differs from one installation to the next, and what several flows share. Expressions read a variable as{' '}
        <code className="font-mono text-xs">{'{{ env.NAME }}'}</code>; a run keeps the values it began with.
      </PageHeader>
      <div className="space-y-5">
        {deed ? <Notice tone="ok" title={`${deed.name} ${deedWords[deed.did]}`} role="status" /> : null}
        {refused && !typed ? <ProblemNotice problem={refused.problem} /> : null}
        {showsForm ? (
          <VariableForm
            key={editing?.name ?? 'new'}
            variable={editing}
            type={asked ?? typed?.type ?? editing?.type ?? 'string'}
            problem={typed ? (refused?.problem ?? null) : null}
            typed={typed}
          />
        ) : null}
        <Section title="Variables of the organisation" flush>
          {variables.length === 0 ? (
            <EmptyState icon={<Braces />} title="There is no variable yet" action={mayWrite ? add : null}>
              An address, a limit, a price list or a key that flows read instead of having it written into each step.
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {variables.map((variable) => (
                <VariableRow key={variable.name} variable={variable} isAsked={variable.name === deleted} />
              ))}
            </ul>
          )}
        </Section>
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
