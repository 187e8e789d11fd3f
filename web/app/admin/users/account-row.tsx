import type { Account } from '@everwave/schema/api';
import { Ban, KeyRound, ShieldCheck } from 'lucide-react';
import { Form, useNavigation } from 'react-router';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { Initial } from '#app/people/initial.tsx';
import { useMe } from '#app/shell/use-me.ts';
import { TimeAgo } from '#app/time/time-ago.tsx';

interface DeedProps {
  readonly account: Account;
  readonly intent: string;
  readonly label: string;
  readonly isDangerous?: boolean;
  /** Where the page is when it is done. */
  readonly to: string;
}

const Deed = ({ account, intent, label, isDangerous = false, to }: DeedProps) => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Form method="post" action={to}>
      <input type="hidden" name="intent" value={intent} />
      <input type="hidden" name="userId" value={account.id} />
      <input type="hidden" name="name" value={account.name} />
      <Button type="submit" size="sm" variant={isDangerous ? 'danger' : 'secondary'} disabled={isBusy}>
        {label}
      </Button>
    </Form>
  );
};

const Marks = ({ account }: { readonly account: Account }) => (
  <p className="flex flex-wrap gap-1.5">
    {account.suspendedAt ? (
      <Pill tone="bad" icon={<Ban size={12} aria-hidden />}>
        Suspended
      </Pill>
    ) : null}
    {account.isInstanceAdministrator ? (
      <Pill tone="live" icon={<ShieldCheck size={12} aria-hidden />}>
        Administrator
      </Pill>
    ) : null}
    <Pill tone={account.hasSecondFactor ? 'ok' : 'quiet'} icon={<KeyRound size={12} aria-hidden />}>
      {account.hasSecondFactor ? 'Second factor' : 'No second factor'}
    </Pill>
    {account.isEmailVerified ? null : <Pill tone="warn">Address not confirmed</Pill>}
  </p>
);

const Places = ({ orgs }: Pick<Account, 'orgs'>) =>
  orgs.length === 0 ? (
    <p className="text-xs text-ink-2">Belongs to no organisation</p>
  ) : (
    <ul className="text-xs text-ink-2">
      {orgs.map(({ id, name, roleName }) => (
        <li key={id} className="truncate">
          {name}, {roleName}
        </li>
      ))}
    </ul>
  );

/** What may be done to somebody else; what suspending means is said before it is done. */
const Manage = ({ account, to }: { readonly account: Account; readonly to: string }) => (
  <div className="mt-3 space-y-4 rounded-md border border-line bg-sunken p-4">
    <p>
      {account.suspendedAt
        ? `${account.name} signs in anew once restored: what was open before stays closed.`
        : `Whoever is suspended can neither sign in nor use a session, a token or an API key they made, from that moment on. Their flows and runs go on. Keys of service accounts go on, too: revoke those that ${account.name} knows.`}
    </p>
    <div className="flex flex-wrap gap-2">
      {account.suspendedAt ? (
        <Deed account={account} intent="restore" label={`Restore ${account.name}`} to={to} />
      ) : (
        <Deed account={account} intent="suspend" label={`Suspend ${account.name}`} isDangerous to={to} />
      )}
      <Deed account={account} intent="sendResetLink" label="Mail a link for a new password" to={to} />
      {account.isInstanceAdministrator ? (
        <Deed account={account} intent="takeAdministration" label="Take the administration away" isDangerous to={to} />
      ) : (
        <Deed account={account} intent="giveAdministration" label="Make an administrator" to={to} />
      )}
    </div>
  </div>
);

interface AccountRowProps {
  readonly account: Account;
  readonly isOpen: boolean;
  /** The address of the list as it is filtered. */
  readonly listAddress: (open: string | null) => string;
}

/** Works without script: what is open stands in the address. */
export const AccountRow = ({ account, isOpen, listAddress }: AccountRowProps) => {
  const isYou = useMe().user?.id === account.id;
  return (
    <li className="px-5 py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Initial name={account.name} />
        <div className="min-w-0 flex-1 basis-44">
          <p className="truncate font-medium">
            {account.name} {isYou ? <span className="font-normal text-ink-2">(you)</span> : null}
          </p>
          <p className="truncate text-xs text-ink-2">{account.email}</p>
          <p className="text-xs text-ink-2">
            {account.lastSignInAt ? (
              <>
                Signed in <TimeAgo at={account.lastSignInAt} />
              </>
            ) : (
              'Never signed in'
            )}
          </p>
        </div>
        <div className="min-w-0 basis-48">
          <Places orgs={account.orgs} />
        </div>
        <div className="basis-52">
          <Marks account={account} />
        </div>
        <div className="sm:w-20 sm:text-right">
          {isYou ? null : (
            <ButtonLink
              size="sm"
              to={listAddress(isOpen ? null : account.id)}
              preventScrollReset
              aria-label={`${isOpen ? 'Close' : 'Manage'} ${account.name}`}
            >
              {isOpen ? 'Close' : 'Manage'}
            </ButtonLink>
          )}
        </div>
      </div>
      {isOpen && !isYou ? <Manage account={account} to={listAddress(account.id)} /> : null}
    </li>
  );
};
