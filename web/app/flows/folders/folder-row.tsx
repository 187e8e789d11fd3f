import type { Folder } from '@everwave/schema/api';
import { FolderClosed } from 'lucide-react';
import { Form, Link, useNavigation } from 'react-router';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { useMay } from '#app/shell/use-me.ts';
import { formatCount } from '#app/words/numbers.ts';

const page = '/workflows/folders';

const Rename = ({ folder }: { readonly folder: Folder }) => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Form method="post" action={page} className="mt-3 space-y-4 rounded-md border border-line bg-sunken p-4">
      <input type="hidden" name="intent" value="rename" />
      <input type="hidden" name="folderId" value={folder.id} />
      <TextField label="New name" name="name" defaultValue={folder.name} required maxLength={80} />
      <div className="flex justify-end gap-2">
        <ButtonLink to={page}>Cancel</ButtonLink>
        <Button type="submit" variant="primary" aria-disabled={isBusy}>
          Rename
        </Button>
      </div>
    </Form>
  );
};

/** Works without script: what is asked stands in the address. */
export const FolderRow = ({ folder, isRenaming }: { readonly folder: Folder; readonly isRenaming: boolean }) => {
  const mayWrite = useMay('flows:write');
  const mayManage = useMay('roles:manage');
  const isBusy = useNavigation().state !== 'idle';
  const { id, name, flows, isRestricted } = folder;
  return (
    <li className="px-5 py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <FolderClosed size={18} aria-hidden className="text-burgundy" />
        <div className="min-w-0 flex-1 basis-44">
          <p className="flex flex-wrap items-center gap-2 font-medium [overflow-wrap:anywhere]">
            <Link to={`/workflows?folder=${id}`} className="rounded-sm hover:underline">
              {name}
            </Link>
            {isRestricted ? <Pill tone="warn">Restricted</Pill> : null}
          </p>
          <p className="text-xs text-ink-2">{flows === 0 ? 'No flows' : formatCount(flows, 'flow')}</p>
        </div>
        <div className="flex flex-wrap gap-2">
          {mayManage ? (
            <ButtonLink size="sm" to={`${page}/${id}/access`} aria-label={`Access to ${name}`}>
              Access
            </ButtonLink>
          ) : null}
          {mayWrite ? (
            <>
              <ButtonLink size="sm" to={`${page}?rename=${id}`} aria-label={`Rename ${name}`}>
                Rename
              </ButtonLink>
              {flows === 0 ? (
                <Form method="post" action={page}>
                  <input type="hidden" name="intent" value="delete" />
                  <input type="hidden" name="folderId" value={id} />
                  <input type="hidden" name="name" value={name} />
                  <Button type="submit" size="sm" variant="danger" aria-disabled={isBusy} aria-label={`Delete ${name}`}>
                    Delete
                  </Button>
                </Form>
              ) : null}
            </>
          ) : null}
        </div>
      </div>
      {mayWrite && isRenaming ? <Rename folder={folder} /> : null}
    </li>
  );
};
