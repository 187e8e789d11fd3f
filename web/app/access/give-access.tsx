import type { OrgRole } from '@everwave/schema/api';
import { Form, useNavigation } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { SelectField } from '#app/components/ui/field.tsx';
import { RoleOptions } from '#app/people/role-options.tsx';
import { granteeWords } from './access-words.ts';
import type { ReadAccess } from './read-access.server.ts';

interface GiveAccessProps {
  readonly grantees: ReadAccess['grantees'];
  /** The roles that the organisation made for itself. */
  readonly own: readonly OrgRole[];
}

/** Chooses somebody and what they may do. */
export const GiveAccess = ({ grantees, own }: GiveAccessProps) => {
  const isBusy = useNavigation().state !== 'idle';
  const kinds = (['user', 'team', 'serviceAccount', 'apiKey'] as const).map((kind) => ({
    kind,
    found: grantees.filter((each) => each.kind === kind),
  }));
  return (
    <Form
      method="post"
      className="grid items-start gap-4 border-b border-line p-5 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]"
    >
      <input type="hidden" name="intent" value="grant" />
      <SelectField label="Who" name="who" required defaultValue="">
        <option value="" disabled>
          Choose somebody
        </option>
        {kinds
          .filter(({ found }) => found.length > 0)
          .map(({ kind, found }) => (
            <optgroup key={kind} label={granteeWords[kind].many}>
              {found.map(({ id, name, detail }) => (
                <option key={id} value={`${kind}:${id}`}>
                  {detail ? `${name}, ${detail}` : name}
                </option>
              ))}
            </optgroup>
          ))}
      </SelectField>
      <SelectField label="May do" name="role" defaultValue="">
        <option value="">What their role in the organisation allows</option>
        <RoleOptions own={own} />
      </SelectField>
      <Button type="submit" variant="primary" aria-disabled={isBusy} className="sm:mt-6.5">
        Give access
      </Button>
    </Form>
  );
};
