import type { OrgRole } from '@everwave/schema/api';
import { SelectField } from '#app/components/ui/field.tsx';
import { RoleOptions } from './role-options.tsx';

interface RoleFieldProps {
  readonly defaultValue: string;
  readonly hint?: string;
  /** The roles that the organisation made for itself. */
  readonly own?: readonly OrgRole[];
}

/** The role of somebody in the organisation; an owner is made in another way. */
export const RoleField = ({ defaultValue, hint, own = [] }: RoleFieldProps) => (
  <SelectField label="Role" name="role" defaultValue={defaultValue} hint={hint}>
    <RoleOptions own={own} except="owner" />
  </SelectField>
);
