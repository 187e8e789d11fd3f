import { type ApiKey, permissionWords } from '@everwave/schema/api';
import { KeyRound, Plus } from 'lucide-react';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';

const ScopeWords = ({ scopes }: Pick<ApiKey, 'scopes'>) =>
  scopes === null ? null : (
    <details>
      <summary className="w-fit cursor-pointer rounded-md text-xs text-ink-2 hover:text-ink">
        {scopes.length === 1 ? 'Limited to 1 permission' : `Limited to ${scopes.length} permissions`}
      </summary>
      <p className="mt-1 text-xs text-ink-2">{scopes.map((scope) => permissionWords[scope].title).join(', ')}</p>
    </details>
  );

const KeyRow = ({ apiKey, onRevoke }: { readonly apiKey: ApiKey; readonly onRevoke: () => void }) => (
  <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
    <div className="min-w-0 flex-1 basis-48">
      <p className="truncate font-medium">{apiKey.name}</p>
      <p className="font-mono text-xs text-ink-2">{apiKey.start}…</p>
      <ScopeWords scopes={apiKey.scopes} />
    </div>
    <p className="w-36 text-xs text-ink-2 [overflow-wrap:anywhere]">
      {apiKey.serviceAccount ? apiKey.serviceAccount.name : apiKey.roleName}
      {apiKey.serviceAccount ? <span className="block">{apiKey.roleName}</span> : null}
      {apiKey.createdBy ? <span className="block">by {apiKey.createdBy.name}</span> : null}
    </p>
    <p className="w-40 text-xs text-ink-2">
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

interface KeyListProps {
  readonly keys: readonly ApiKey[];
  readonly onCreate: () => void;
  readonly onRevoke: (key: ApiKey) => void;
}

/** Keys with which programs call the API. */
export const KeyList = ({ keys, onCreate, onRevoke }: KeyListProps) => {
  const add = (
    <Button size="sm" icon={<Plus size={14} aria-hidden />} onClick={onCreate}>
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
            <KeyRow key={key.id} apiKey={key} onRevoke={() => onRevoke(key)} />
          ))}
        </ul>
      )}
    </Section>
  );
};
