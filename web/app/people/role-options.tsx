import { type OrgRole, type Role, roles } from '@everwave/schema/api';
import { useMe } from '#app/shell/use-me.ts';
import { covers } from './covers.ts';
import { roleWords } from './role-words.ts';

interface RoleOptionsProps {
  /** The roles that the organisation made for itself. */
  readonly own: readonly OrgRole[];
  readonly except?: Role;
}

/** The roles that the person who looks may hand out, as the options of a choice. */
export const RoleOptions = ({ own, except }: RoleOptionsProps) => {
  const me = useMe();
  return (
    <>
      {roles
        .filter((role) => role !== except && covers(me, role))
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
    </>
  );
};
