import { type CreatedApiKey, rolePermissions, roles } from '@everwave/schema/api';
import { useEffect } from 'react';
import { useFetcher } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { SelectField, TextField } from '#app/components/ui/field.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { useMe } from '#app/shell/use-me.ts';
import type { action } from './route.tsx';

const roleWords: Readonly<Record<Exclude<(typeof roles)[number], 'owner'>, string>> = {
  admin: 'admin: everything but the organisation itself',
  developer: 'developer: builds flows and connections, starts and repairs runs',
  operator: 'operator: starts and repairs runs',
  viewer: 'viewer: looks, changes nothing',
};

interface CreateKeyDialogProps {
  readonly onClose: () => void;
  readonly onCreated: (key: CreatedApiKey) => void;
}

export const CreateKeyDialog = ({ onClose, onCreated }: CreateKeyDialogProps) => {
  const fetcher = useFetcher<typeof action>();
  const me = useMe();
  const result = fetcher.data;
  const problem = result && !result.ok ? result.problem : null;
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
    >
      <fetcher.Form method="post" action="/settings" className="space-y-5">
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
        <SelectField label="Role" name="role" defaultValue="developer">
          {roles
            .filter((role) => role !== 'owner')
            .filter((role) => rolePermissions[role].every((permission) => me.permissions.includes(permission)))
            .map((role) => (
              <option key={role} value={role}>
                {roleWords[role]}
              </option>
            ))}
        </SelectField>
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
