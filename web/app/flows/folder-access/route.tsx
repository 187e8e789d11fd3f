import { folderListSchema } from '@everwave/schema/api';
import { AccessView } from '#app/access/access-view.tsx';
import { readAccess } from '#app/access/read-access.server.ts';
import { writeAccess } from '#app/access/write-access.server.ts';
import { callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import type { Route } from './+types/route.ts';

type Loaded = Route.ComponentProps['loaderData'];

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `Access to ${(loaderData as Loaded | undefined)?.folder.name ?? 'a folder'} · Everwave` },
];

export const handle: PageHandle = {
  crumbs: () => [
    { label: 'Flows', to: '/workflows' },
    { label: 'Folders', to: '/workflows/folders' },
    { label: 'Access' },
  ],
};

const addressOf = (id: string): string => `/v1/folders/${encodeURIComponent(id)}`;

export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, async () => {
    const address = addressOf(params.folderId);
    const [folders, read] = await Promise.all([
      callApi(request, '/v1/folders', folderListSchema),
      readAccess(request, address),
    ]);
    const folder = folders.items.find(({ id }) => id === params.folderId);
    return { folder: { name: folder?.name ?? 'a folder' }, ...read };
  });

export const action = ({ request, params }: Route.ActionArgs) => writeAccess(request, addressOf(params.folderId));

export default function FolderAccess({ loaderData: { folder, ...read }, actionData }: Route.ComponentProps) {
  return (
    <>
      <PageHeader title={`Access to ${folder.name}`}>
        Who reaches the flows in this folder, with their runs, and why.
      </PageHeader>
      <AccessView of="folder" written={actionData} {...read} />
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
