import { type OrgRole, permissions } from '@everwave/schema/api';
import { Form, useNavigation } from 'react-router';
import type { PageProblem } from '#app/api/api-error.ts';
import { Section } from '#app/components/data/section.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { useMe } from '#app/shell/use-me.ts';
import { PermissionChoice } from '../access/permission-choice.tsx';
import { usageWords } from '../access/role-words.ts';
import type { TypedRole } from './write-role.server.ts';

interface RoleFormProps {
  /** Null for a new one. */
  readonly role: OrgRole | null;
  readonly problem: PageProblem | null;
  /** What was entered before it was refused. */
  readonly typed: TypedRole | null;
}

/** A role, new or changed: its name, and a box for each permission that the person who looks holds. */
export const RoleForm = ({ role, problem, typed }: RoleFormProps) => {
  const me = useMe();
  const isBusy = useNavigation().state !== 'idle';
  const chosen = permissions.filter((permission) => (typed ?? role)?.permissions.includes(permission));
  const errorOf = (path: string) => problem?.errors.find((error) => error.path === path)?.message;
  return (
    <Section title={role ? `Edit ${role.name}` : 'New role'}>
      <Form method="post" action="/settings/roles" className="space-y-5">
        <input type="hidden" name="intent" value="save" />
        {role ? <input type="hidden" name="roleId" value={role.id} /> : null}
        {problem ? <ProblemNotice problem={problem} /> : null}
        <div className="grid gap-5 sm:grid-cols-2">
          <TextField
            label="Name"
            name="name"
            required
            maxLength={60}
            defaultValue={typed?.name ?? role?.name ?? ''}
            error={errorOf('name')}
            placeholder="Night shift"
          />
          <TextField
            label="Description"
            name="description"
            optional
            maxLength={500}
            defaultValue={typed?.description ?? role?.description ?? ''}
            placeholder="Repairs what breaks at night"
          />
        </div>
        <PermissionChoice name="permissions" chosen={chosen} open={me.permissions} />
        {role && usageWords(role) !== 'Nobody' ? (
          <p className="text-xs text-ink-2">Takes effect at once for: {usageWords(role)}.</p>
        ) : null}
        <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          <ButtonLink to="/settings/roles">Cancel</ButtonLink>
          <Button type="submit" variant="primary" aria-disabled={isBusy}>
            {role ? 'Save the role' : 'Make the role'}
          </Button>
        </div>
      </Form>
    </Section>
  );
};
