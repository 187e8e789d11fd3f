import { type OrgRole, roles } from '@everwave/schema/api';
import { SelectField } from '#app/components/ui/field.tsx';
import { useMe } from '#app/shell/use-me.ts';
import { covers } from './covers.ts';
import { roleWords } from './role-words.ts';

interface RoleFieldProps {
  readonly defaultValue: string;
  readonly hint?: string;
  /** The roles that the organisation made for itself. */
  readonly own?: readonly OrgRole[];
}

/** The roles that the person who looks may hand out. */
export const RoleField = ({ defaultValue, hint, own = [] }: RoleFieldProps) => {
  const me = useMe();
  return (
    <SelectField label="Role" name="role" defaultValue={defaultValue} hint={hint}>
      {roles
        .filter((role) => role !== 'owner' && covers(me, role))
        .map((role) => (
          <option key={role} value={role}>
            {role}: {roleWords[role]}
          </option>
        ))}
      {own
        .filter(({ id }) => covers(me, id, own))
        .map(({ id, name, description }) => (
          <option key={id} value={id}>
            {description ? `${name}: ${description}` : name}
          </option>
        ))}
    </SelectField>
  );
};
