import { roleListSchema } from '@everwave/schema/api';
import { Plus } from 'lucide-react';
import { data } from 'react-router';
import { callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMay } from '#app/shell/use-me.ts';
import type { Route } from './+types/route.ts';
import { RoleForm } from './role-form.tsx';
import { RoleMatrix } from './role-matrix.tsx';
import { RoleRow } from './role-row.tsx';
import { type RoleDeed, writeRole } from './write-role.server.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Roles · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Roles' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const { items } = await callApi(request, '/v1/roles', roleListSchema);
    return { roles: items, edited: search.get('edit'), isNew: search.has('new') };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeRole(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

const deedWords: Readonly<Record<RoleDeed['did'], string>> = {
  created: 'can be given from now on',
  changed: 'is changed, for whoever has it at once',
  deleted: 'is deleted',
};

/** Works without script: every deed is a form, every state an address. */
export default function Roles({ loaderData, actionData }: Route.ComponentProps) {
  const { roles, edited, isNew } = loaderData;
  const mayEdit = useMay('roles:manage');
  const refused = actionData && !actionData.ok ? actionData : null;
  const deed = actionData?.ok ? actionData.value : null;
  const editing = roles.find(({ id, isBuiltIn }) => !isBuiltIn && id === (refused?.typed?.roleId ?? edited));
  const showsForm = mayEdit && !deed && (isNew || editing !== undefined || refused?.typed !== undefined);
  return (
    <>
      <PageHeader
        title="Roles"
        actions={
          mayEdit ? (
            <ButtonLink to="/settings/roles?new" icon={<Plus size={15} aria-hidden />}>
              New role
            </ButtonLink>
          ) : null
        }
      >
        What people, service accounts and keys may do. Beside the built-in roles your organisation can make its own;
        nobody can give more than they have themselves.
      </PageHeader>
      <div className="space-y-5">
        {deed ? <Notice tone="ok" title={`${deed.name} ${deedWords[deed.did]}`} role="status" /> : null}
        {refused && !refused.typed ? <ProblemNotice problem={refused.problem} /> : null}
        {showsForm ? (
          <RoleForm
            key={editing?.id ?? 'new'}
            role={editing ?? null}
            problem={refused?.typed ? refused.problem : null}
            typed={refused?.typed ?? null}
          />
        ) : null}
        <Section title="Roles" flush>
          <ul className="divide-y divide-line">
            {roles.map((role) => (
              <RoleRow key={role.id} role={role} mayEdit={mayEdit} />
            ))}
          </ul>
        </Section>
        <RoleMatrix roles={roles} />
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
