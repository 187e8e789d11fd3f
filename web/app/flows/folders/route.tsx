import { folderListSchema } from '@everwave/schema/api';
import { FolderPlus } from 'lucide-react';
import { data, Form, useNavigation } from 'react-router';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMay } from '#app/shell/use-me.ts';
import type { Route } from './+types/route.ts';
import { FolderRow } from './folder-row.tsx';
import { writeFolder } from './write-folder.server.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Folders · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Flows', to: '/workflows' }, { label: 'Folders' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const folders = await callApi(request, '/v1/folders', folderListSchema);
    return { folders: folders.items, renamed: new URL(request.url).searchParams.get('rename') };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeFolder(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

const NewFolder = () => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Form
      method="post"
      action="/workflows/folders"
      className="grid items-start gap-4 border-b border-line p-5 sm:grid-cols-[minmax(0,1fr)_auto]"
    >
      <input type="hidden" name="intent" value="create" />
      <TextField label="New folder" name="name" required maxLength={80} placeholder="Finance" />
      <Button type="submit" variant="primary" aria-disabled={isBusy} className="sm:mt-6.5">
        Make the folder
      </Button>
    </Form>
  );
};

export default function Folders({ loaderData: { folders, renamed }, actionData }: Route.ComponentProps) {
  const mayWrite = useMay('flows:write');
  return (
    <>
      <PageHeader title="Folders">
        Flows that belong together. Who may reach a folder is said once for all that is in it.
      </PageHeader>
      <div className="max-w-[980px] space-y-5">
        {actionData?.ok ? (
          <Notice tone="ok" title="Done" role="status">
            {actionData.value.said}
          </Notice>
        ) : null}
        {actionData && !actionData.ok ? <ProblemNotice problem={actionData.problem} /> : null}
        <Section title="Folders of flows" flush>
          {mayWrite ? <NewFolder key={folders.length} /> : null}
          {folders.length === 0 ? (
            <EmptyState icon={<FolderPlus />} title="No folders yet">
              Flows stand in one list until somebody makes a folder and moves them into it.
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {folders.map((folder) => (
                <FolderRow key={folder.id} folder={folder} isRenaming={folder.id === renamed} />
              ))}
            </ul>
          )}
        </Section>
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
