import { flowIdSchema } from '@everwave/schema/ids';
import { flowListSchema, folderListSchema, tagListSchema } from '@everwave/schema/api';
import { AlarmClock, FileUp, Search, Workflow } from 'lucide-react';
import { Form, redirect, useSearchParams, useSubmit } from 'react-router';
import * as z from 'zod';
import { attempt, callApi, load, refuse } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { KeyboardList } from '#app/components/data/keyboard-list.tsx';
import { LinkTabs } from '#app/components/data/link-tabs.tsx';
import { OlderNewer } from '#app/components/data/older-newer.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import { classNames } from '#app/words/class-names.ts';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMay } from '#app/shell/use-me.ts';
import { createFlow, setFlowSwitch } from '../flow-commands.server.ts';
import type { Route } from './+types/route.ts';
import { FlowRow } from './flow-row.tsx';
import { FolderChips } from './folder-chips.tsx';
import { NewFlowButton } from './new-flow-dialog.tsx';

const views = { all: 'All', active: 'On', inactive: 'Off', archived: 'Archived' } as const;
const viewSchema = z.enum(['all', 'active', 'inactive', 'archived']).catch('all');

export const meta: Route.MetaFunction = () => [{ title: 'Flows · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Flows' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const view = viewSchema.parse(search.get('view') ?? undefined);
    const [flows, tags, folders] = await Promise.all([
      callApi(request, '/v1/flows', flowListSchema, {
        query: {
          search: search.get('q')?.trim(),
          tag: search.getAll('tag'),
          folderId: search.get('folder') ?? undefined,
          status: view === 'all' ? undefined : view,
          cursor: search.get('cursor') ?? undefined,
        },
      }),
      callApi(request, '/v1/tags', tagListSchema),
      callApi(request, '/v1/folders', folderListSchema),
    ]);
    return { flows, tags: tags.items, folders: folders.items, view };
  });

const formSchema = z.union([
  z.object({ flowId: flowIdSchema, on: z.enum(['true', 'false']) }),
  z.object({ intent: z.literal('create'), name: z.string().trim().min(1).max(120) }),
]);

export const action = async ({ request }: Route.ActionArgs) => {
  const form = formSchema.safeParse(Object.fromEntries(await request.formData()));
  if (!form.success) return refuse(request, 'The page sent something unexpected. Reload it and try again.');
  if ('intent' in form.data) {
    const { name } = form.data;
    const created = await attempt(request, () => createFlow(request, name));
    return created.ok ? redirect(`/workflows/${created.value}/edit`) : created;
  }
  const { flowId, on } = form.data;
  return attempt(request, () => setFlowSwitch(request, flowId, on === 'true'));
};

const tabAddress = (search: URLSearchParams, view: keyof typeof views): string => {
  const next = new URLSearchParams(search);
  next.delete('cursor');
  if (view === 'all') next.delete('view');
  else next.set('view', view);
  return `?${next}`;
};

const tagAddress = (search: URLSearchParams, tag: string): string => {
  const next = new URLSearchParams(search);
  next.delete('cursor');
  if (search.getAll('tag').includes(tag)) next.delete('tag', tag);
  else next.append('tag', tag);
  return `?${next}`;
};

const Filters = ({ tags }: { readonly tags: readonly { readonly tag: string; readonly flows: number }[] }) => {
  const [search] = useSearchParams();
  const submit = useSubmit();
  const chosen = search.getAll('tag');
  return (
    <div className="mt-4 mb-3 flex flex-wrap items-center gap-x-4 gap-y-3">
      <Form
        role="search"
        className="relative w-full sm:w-72"
        onChange={(event) => void submit(event.currentTarget, { replace: true })}
      >
        <Search size={15} aria-hidden className="absolute top-1/2 left-3 -translate-y-1/2 text-ink-2" />
        <input
          type="search"
          name="q"
          defaultValue={search.get('q') ?? ''}
          placeholder="Find a flow"
          aria-label="Find a flow by name or description"
          className="field !py-1.5 !pl-9"
        />
        {search.has('folder') ? <input type="hidden" name="folder" value={search.get('folder') ?? ''} /> : null}
        {search.has('view') ? <input type="hidden" name="view" value={search.get('view') ?? ''} /> : null}
        {chosen.map((tag) => (
          <input key={tag} type="hidden" name="tag" value={tag} />
        ))}
      </Form>
      {tags.length > 0 ? (
        <nav aria-label="Tags">
          <ul className="flex flex-wrap gap-1.5">
            {tags.map(({ tag, flows }) => (
              <li key={tag}>
                <ButtonLink
                  to={tagAddress(search, tag)}
                  size="sm"
                  variant="quiet"
                  preventScrollReset
                  aria-current={chosen.includes(tag) ? 'true' : undefined}
                  className={classNames(
                    '!rounded-full border',
                    chosen.includes(tag) ? 'border-burgundy bg-coral/12 !text-burgundy' : 'border-line',
                  )}
                >
                  {tag} <span className="tabular">{flows}</span>
                </ButtonLink>
              </li>
            ))}
          </ul>
        </nav>
      ) : null}
    </div>
  );
};

export default function Flows({ loaderData }: Route.ComponentProps) {
  const { flows, tags, folders, view } = loaderData;
  const folderNames = new Map(folders.map(({ id, name }) => [id as string, name]));
  const [search] = useSearchParams();
  const mayDraw = useMay('flows:write');
  const isFiltered =
    search.has('q') || search.has('tag') || search.has('folder') || search.has('view') || search.has('cursor');
  return (
    <>
      <PageHeader
        title="Flows"
        actions={
          <>
            <ButtonLink to="/workflows/schedules" icon={<AlarmClock size={15} aria-hidden />}>
              Schedules
            </ButtonLink>
            {mayDraw ? (
              <ButtonLink to="/workflows/import" icon={<FileUp size={15} aria-hidden />}>
                Import
              </ButtonLink>
            ) : null}
            {mayDraw ? <NewFlowButton /> : null}
          </>
        }
      >
        What runs by itself: when it starts, whether it is on, and how it last went.
      </PageHeader>
      <LinkTabs
        label="Flows by state"
        tabs={viewSchema.def.innerType.options.map((each) => ({
          label: views[each],
          to: tabAddress(search, each),
          current: each === view,
        }))}
      />
      <Filters tags={tags} />
      <FolderChips folders={folders} />
      <div className="card overflow-hidden">
        {flows.items.length > 0 ? (
          <KeyboardList label="Flows">
            {flows.items.map((flow) => (
              <FlowRow key={flow.id} flow={flow} folder={folderNames.get(flow.folderId ?? '') ?? null} />
            ))}
          </KeyboardList>
        ) : isFiltered ? (
          <EmptyState
            icon={<Search />}
            title="No flow fits this view"
            action={<ButtonLink to="/workflows">Show all flows</ButtonLink>}
          >
            Try fewer words, another tag, or the other tabs.
          </EmptyState>
        ) : (
          <EmptyState icon={<Workflow />} title="No flows yet">
            A flow is a drawing that runs by itself. Draw one with “New flow”, or bring one along with “Import”.
          </EmptyState>
        )}
      </div>
      <OlderNewer nextCursor={flows.nextCursor} what="flows" />
      <p className="sr-only" role="status">
        {flows.items.length} flows shown
      </p>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
