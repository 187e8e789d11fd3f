import type { OrgRole } from '@everwave/schema/api';
import { Form, useNavigation } from 'react-router';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { roleDescription, usageWords } from '../access/role-words.ts';

/** One role: what it is for, who has it, and what can be done with it. */
export const RoleRow = ({ role, mayEdit }: { readonly role: OrgRole; readonly mayEdit: boolean }) => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-5 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2 font-medium [overflow-wrap:anywhere]">
          {role.name}
          {role.isBuiltIn ? <Pill tone="quiet">Built in</Pill> : null}
        </p>
        <p className="text-xs text-ink-2 [overflow-wrap:anywhere]">{roleDescription(role)}</p>
      </div>
      <p className="w-44 text-xs text-ink-2">
        {usageWords(role)}
        <span className="block">{role.permissions.length} permissions</span>
      </p>
      {mayEdit && !role.isBuiltIn ? (
        <Form method="post" action="/settings/roles" className="flex gap-2">
          <input type="hidden" name="roleId" value={role.id} />
          <input type="hidden" name="name" value={role.name} />
          <ButtonLink size="sm" to={`/settings/roles?edit=${role.id}`} aria-label={`Edit ${role.name}`}>
            Edit
          </ButtonLink>
          <Button
            type="submit"
            size="sm"
            variant="danger"
            name="intent"
            value="delete"
            aria-disabled={isBusy}
            aria-label={`Delete ${role.name}`}
          >
            Delete
          </Button>
        </Form>
      ) : null}
    </li>
  );
};
