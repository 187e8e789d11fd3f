import type { ApiKey, CreatedApiKey } from '@everwave/schema/api';
import { KeyRound, Lock, Plus } from 'lucide-react';
import { useState } from 'react';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { NewKeyDialog } from './new-key-dialog.tsx';
import { RevokeKeyDialog } from './revoke-key-dialog.tsx';

/** Which dialog stands open. */
type Open =
  | null
  | { readonly dialog: 'create' }
  | { readonly dialog: 'created'; readonly key: CreatedApiKey }
  | { readonly dialog: 'revoke'; readonly key: ApiKey };

const KeyRow = ({ apiKey, onRevoke }: { readonly apiKey: ApiKey; readonly onRevoke: () => void }) => (
  <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
    <div className="min-w-0 flex-1 basis-48">
      <p className="truncate font-medium">{apiKey.name}</p>
      <p className="font-mono text-xs text-ink-2">{apiKey.start}…</p>
    </div>
    <p className="w-24 text-xs text-ink-2">{apiKey.role}</p>
    <p className="w-48 text-xs text-ink-2">
      {apiKey.lastUsedAt ? (
        <>
          Used <TimeAgo at={apiKey.lastUsedAt} />
        </>
      ) : (
        'Never used'
      )}
      <span className="block">
        {apiKey.expiresAt ? (
          <>
            Expires <TimeAgo at={apiKey.expiresAt} />
          </>
        ) : (
          'Does not expire'
        )}
      </span>
    </p>
    <Button size="sm" variant="danger" onClick={onRevoke} aria-label={`Revoke ${apiKey.name}`}>
      Revoke
    </Button>
  </li>
);

/** Keys with which programs call the API: made here, shown once, revoked here. */
export const ApiKeys = ({ keys }: { readonly keys: readonly ApiKey[] | null }) => {
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  if (keys === null) {
    return (
      <Section title="API keys" flush>
        <EmptyState icon={<Lock />} title="Your role does not include keys">
          Owners and admins make and revoke them.
        </EmptyState>
      </Section>
    );
  }
  const add = (
    <Button size="sm" icon={<Plus size={14} aria-hidden />} onClick={() => setOpen({ dialog: 'create' })}>
      New key
    </Button>
  );
  return (
    <Section title="API keys" flush actions={keys.length > 0 ? add : null}>
      {keys.length === 0 ? (
        <EmptyState icon={<KeyRound />} title="No key yet" action={add}>
          A key lets a program, or the <code className="font-mono text-xs">everwave</code> command, do what its role
          allows.
        </EmptyState>
      ) : (
        <ul className="divide-y divide-line">
          {keys.map((key) => (
            <KeyRow key={key.id} apiKey={key} onRevoke={() => setOpen({ dialog: 'revoke', key })} />
          ))}
        </ul>
      )}
      {open?.dialog === 'create' ? (
        <CreateKeyDialog onClose={close} onCreated={(key) => setOpen({ dialog: 'created', key })} />
      ) : null}
      {open?.dialog === 'created' ? <NewKeyDialog created={open.key} onClose={close} /> : null}
      {open?.dialog === 'revoke' ? <RevokeKeyDialog apiKey={open.key} onClose={close} /> : null}
    </Section>
  );
};
