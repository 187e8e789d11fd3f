import type { OrgRole, ServiceAccount } from '@everwave/schema/api';
import { Bot, Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useFetcher } from 'react-router';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { SelectField, TextField } from '#app/components/ui/field.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { useMe } from '#app/shell/use-me.ts';
import { roleDescription } from '../access/role-words.ts';
import { handable } from './create-key-dialog.tsx';
import type { action } from './route.tsx';

interface ServiceAccountsProps {
  readonly accounts: readonly ServiceAccount[];
  readonly roles: readonly OrgRole[];
  readonly onNewKey: (accountId: string) => void;
}

const CreateAccountDialog = ({
  roles,
  onClose,
}: {
  readonly roles: readonly OrgRole[];
  readonly onClose: () => void;
}) => {
  const fetcher = useFetcher<typeof action>();
  const me = useMe();
  const result = fetcher.data;
  useEffect(() => {
    if (result?.ok) onClose();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per answer
  }, [result]);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New service account"
      description="A program that works in your organisation under its own name. It acts with the keys that you make for it."
    >
      <fetcher.Form method="post" action="/settings/api-keys" className="space-y-5">
        <input type="hidden" name="intent" value="create-account" />
        {result && !result.ok ? <ProblemNotice problem={result.problem} /> : null}
        <TextField label="Name" name="name" required maxLength={80} placeholder="Warehouse import" />
        <TextField label="Description" name="description" optional maxLength={500} />
        <SelectField label="Role" name="role" defaultValue="operator">
          {handable(roles, me.permissions).map((role) => (
            <option key={role.id} value={role.id}>
              {role.name}
              {roleDescription(role) ? `: ${roleDescription(role)}` : ''}
            </option>
          ))}
        </SelectField>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={fetcher.state !== 'idle'}>
            Make the account
          </Button>
        </DialogActions>
      </fetcher.Form>
    </Dialog>
  );
};

const AccountRow = ({ account, onNewKey }: { readonly account: ServiceAccount; readonly onNewKey: () => void }) => {
  const fetcher = useFetcher<typeof action>();
  const isBusy = fetcher.state !== 'idle';
  const { id, name, description, roleName, apiKeys, disabledAt } = account;
  const result = fetcher.data;
  return (
    <li className="px-5 py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-48">
          <p className="flex flex-wrap items-center gap-2 font-medium [overflow-wrap:anywhere]">
            {name}
            {disabledAt ? <Pill tone="warn">Disabled</Pill> : null}
          </p>
          {description ? <p className="text-xs text-ink-2 [overflow-wrap:anywhere]">{description}</p> : null}
        </div>
        <p className="w-40 text-xs text-ink-2">
          {roleName}
          <span className="block">{apiKeys === 1 ? '1 key' : `${apiKeys} keys`}</span>
        </p>
        <fetcher.Form method="post" action="/settings/api-keys" className="flex flex-wrap gap-2">
          <input type="hidden" name="accountId" value={id} />
          <Button size="sm" onClick={onNewKey} aria-label={`New key for ${name}`}>
            New key
          </Button>
          <Button
            type="submit"
            size="sm"
            name="intent"
            value={disabledAt ? 'enable' : 'disable'}
            disabled={isBusy}
            aria-label={disabledAt ? `Enable ${name}` : `Disable ${name}`}
          >
            {disabledAt ? 'Enable' : 'Disable'}
          </Button>
        </fetcher.Form>
      </div>
      <details className="mt-1">
        <summary className="w-fit cursor-pointer rounded-md px-1 text-xs text-ink-2 hover:text-ink">
          Delete<span className="sr-only"> {name}</span>
        </summary>
        <fetcher.Form method="post" action="/settings/api-keys" className="mt-2 flex flex-wrap items-center gap-3">
          <input type="hidden" name="accountId" value={id} />
          <p className="text-xs text-ink-2">Its keys stop to work. This cannot be undone.</p>
          <Button type="submit" size="sm" variant="danger" name="intent" value="delete-account" disabled={isBusy}>
            Delete the account
          </Button>
        </fetcher.Form>
      </details>
      {result && !result.ok ? <ProblemNotice problem={result.problem} /> : null}
    </li>
  );
};

/** Programs with a name of their own: made here, stopped here. */
export const ServiceAccounts = ({ accounts, roles, onNewKey }: ServiceAccountsProps) => {
  const [isOpen, setOpen] = useState(false);
  const add = (
    <Button size="sm" icon={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)}>
      New service account
    </Button>
  );
  return (
    <Section title="Service accounts" flush actions={accounts.length > 0 ? add : null}>
      {accounts.length === 0 ? (
        <EmptyState icon={<Bot />} title="No service account yet" action={add}>
          It stands for a program, has one role and any number of keys, and is stopped with one click.
        </EmptyState>
      ) : (
        <ul className="divide-y divide-line">
          {accounts.map((account) => (
            <AccountRow key={account.id} account={account} onNewKey={() => onNewKey(account.id)} />
          ))}
        </ul>
      )}
      {isOpen ? <CreateAccountDialog roles={roles} onClose={() => setOpen(false)} /> : null}
    </Section>
  );
};
