import type { Folder } from '@everwave/schema/api';
import { FolderCog, Lock } from 'lucide-react';
import { useSearchParams } from 'react-router';
import { ButtonLink } from '#app/components/ui/button.tsx';
import { useMay } from '#app/shell/use-me.ts';
import { classNames } from '#app/words/class-names.ts';

const addressOf = (search: URLSearchParams, folderId: string): string => {
  const next = new URLSearchParams(search);
  next.delete('cursor');
  if (search.get('folder') === folderId) next.delete('folder');
  else next.set('folder', folderId);
  return `?${next}`;
};

/** The folders as filters, and the way to their page. */
export const FolderChips = ({ folders }: { readonly folders: readonly Folder[] }) => {
  const [search] = useSearchParams();
  const mayWrite = useMay('flows:write');
  if (folders.length === 0 && !mayWrite) return null;
  const chosen = search.get('folder');
  return (
    <nav aria-label="Folders" className="mb-3">
      <ul className="flex flex-wrap items-center gap-1.5">
        {folders.map(({ id, name, flows, isRestricted }) => (
          <li key={id}>
            <ButtonLink
              to={addressOf(search, id)}
              size="sm"
              variant="quiet"
              preventScrollReset
              aria-current={chosen === id ? 'true' : undefined}
              className={classNames(
                'border',
                chosen === id ? 'border-burgundy bg-coral/12 !text-burgundy' : 'border-line',
              )}
              icon={isRestricted ? <Lock size={13} aria-hidden /> : undefined}
            >
              {name} {isRestricted ? <span className="sr-only">, restricted,</span> : null}
              <span className="tabular">{flows}</span>
            </ButtonLink>
          </li>
        ))}
        <li>
          <ButtonLink to="/workflows/folders" size="sm" variant="quiet" icon={<FolderCog size={14} aria-hidden />}>
            Folders
          </ButtonLink>
        </li>
      </ul>
    </nav>
  );
};
