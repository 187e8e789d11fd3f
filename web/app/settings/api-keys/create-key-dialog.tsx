import {
  type CreatedApiKey,
  type OrgRole,
  type Permission,
  permissions,
  type ServiceAccount,
} from '@everwave/schema/api';
import { useEffect, useState } from 'react';
import { useFetcher } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { SelectField, TextField } from '#app/components/ui/field.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { useMe } from '#app/shell/use-me.ts';
import { PermissionChoice } from '../access/permission-choice.tsx';
import { roleDescription } from '../access/role-words.ts';
import type { action } from './route.tsx';

interface CreateKeyDialogProps {
  readonly roles: readonly OrgRole[];
  readonly accounts: readonly ServiceAccount[];
  /** Whose key it will be, when that was chosen already. */
  readonly accountId: string | null;
  readonly onClose: () => void;
  readonly onCreated: (key: CreatedApiKey) => void;
}

/** The roles that a key of this person can have: none that holds more than they do. */
export const handable = (roles: readonly OrgRole[], held: readonly Permission[]): OrgRole[] =>
  roles.filter(({ id, permissions: all }) => id !== 'owner' && all.every((permission) => held.includes(permission)));

export const CreateKeyDialog = ({ roles, accounts, accountId, onClose, onCreated }: CreateKeyDialogProps) => {
  const fetcher = useFetcher<typeof action>();
  const me = useMe();
  const choices = handable(roles, me.permissions);
  const [holder, setHolder] = useState(accountId ?? choices.find(({ id }) => id === 'developer')?.id ?? choices[0]?.id);
  const [isCut, setCut] = useState(false);
  const result = fetcher.data;
  const problem = result && !result.ok ? result.problem : null;
  const account = accounts.find(({ id }) => id === holder);
  const role = roles.find(({ id }) => id === (account?.role ?? holder));
  const held = permissions.filter((permission) => role?.permissions.includes(permission));
  useEffect(() => {
    if (result?.ok && result.value.did === 'created') onCreated(result.value.key);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per answer
  }, [result]);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New API key"
      description="The key is shown once, right after it is made. Only its hash is stored."
      size={isCut ? 'lg' : 'sm'}
    >
      <fetcher.Form method="post" action="/settings/api-keys" className="space-y-5">
        <input type="hidden" name="intent" value="create" />
        {problem ? <ProblemNotice problem={problem} /> : null}
        <TextField
          label="Name"
          name="name"
          required
          maxLength={80}
          placeholder="Nightly import"
          hint="What will use it. You recognise it by this name when you revoke it."
        />
        <SelectField
          label="Acts as"
          name="holder"
          value={holder}
          onChange={(event) => setHolder(event.currentTarget.value)}
          hint={account ? `Has the role of the service account: ${account.roleName}.` : role && roleDescription(role)}
        >
          <optgroup label="A role">
            {choices.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </optgroup>
          {accounts.length > 0 ? (
            <optgroup label="A service account">
              {accounts.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </optgroup>
          ) : null}
        </SelectField>
        <label className="flex gap-2.5">
          <input
            type="checkbox"
            name="isCut"
            checked={isCut}
            onChange={(event) => setCut(event.currentTarget.checked)}
            className="mt-0.5 size-4 shrink-0 accent-burgundy"
          />
          <span>
            <span className="block font-medium">Limit what it may do</span>
            <span className="block text-xs text-ink-2">Otherwise it may do all that its role holds.</span>
          </span>
        </label>
        {isCut ? <PermissionChoice key={holder} name="scopes" chosen={[]} open={held} onlyOpen /> : null}
        <SelectField label="Valid for" name="expiresInDays" defaultValue="90">
          <option value="30">30 days</option>
          <option value="90">90 days</option>
          <option value="365">A year</option>
          <option value="never">Until it is revoked</option>
        </SelectField>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={fetcher.state !== 'idle'}>
            {fetcher.state === 'idle' ? 'Make the key' : 'Making…'}
          </Button>
        </DialogActions>
      </fetcher.Form>
    </Dialog>
  );
};
