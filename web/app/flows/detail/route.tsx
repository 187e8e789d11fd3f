import { flowIdSchema, folderIdSchema } from '@everwave/schema/ids';
import { Download, PencilLine, Play } from 'lucide-react';
import { useState } from 'react';
import { data, redirect, useSearchParams } from 'react-router';
import * as z from 'zod';
import { attempt, load, refuse } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { LinkTabs, type LinkTab } from '#app/components/data/link-tabs.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { parseJson } from '#app/components/values/parse-json.ts';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { DrawingLayout } from '../canvas/drawing-layout.tsx';
import { FlowCanvas } from '../canvas/flow-canvas.tsx';
import { orientationOf } from '../canvas/layout-graph.ts';
import { moveFlow, startRun } from '../flow-commands.server.ts';
import { FlowSwitch } from '../flow-switch.tsx';
import { RunNowDialog } from '../run-now-dialog.tsx';
import { whyNotRun } from '../why-not-run.ts';
import type { Route } from './+types/route.ts';
import { readFlowPage } from './flow-page.server.ts';
import { HistoryCard } from './history-card.tsx';
import { IssueNotice } from './issue-notice.tsx';
import { LimitsCard } from './limits-card.tsx';
import { NodeCard } from './node-card.tsx';
import { PlaceCard } from './place-card.tsx';
import { RecentRuns } from './recent-runs.tsx';
import { SchedulesCard } from './schedules-card.tsx';
import { VersionList } from './version-list.tsx';
import { WebhookCard } from './webhook-card.tsx';

type FlowPage = Route.ComponentProps['loaderData'];

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${(loaderData as FlowPage | undefined)?.flow.name ?? 'Flow'} · Everwave` },
];

export const handle: PageHandle = {
  crumbs: (loaded) => [
    { label: 'Flows', to: '/workflows' },
    { label: (loaded as FlowPage | undefined)?.flow.name ?? 'Flow' },
  ],
};

export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, () => readFlowPage(request, params.flowId, new URL(request.url).searchParams.get('drawing')));

const formSchema = z.discriminatedUnion('intent', [
  z.object({ intent: z.literal('run'), key: z.uuid(), input: z.string().max(1_000_000) }),
  z.object({ intent: z.literal('move'), folderId: z.union([z.literal('').transform(() => null), folderIdSchema]) }),
]);

export const action = async ({ request, params }: Route.ActionArgs) => {
  const flowId = flowIdSchema.safeParse(params.flowId);
  const form = formSchema.safeParse(Object.fromEntries(await request.formData()));
  if (!flowId.success || !form.success) {
    return data(refuse(request, 'The page sent something unexpected. Reload it and try again.'), { status: 400 });
  }
  const fields = form.data;
  if (fields.intent === 'move') {
    const { folderId } = fields;
    const moved = await attempt(request, () => moveFlow(request, flowId.data, folderId));
    return moved.ok ? redirect(`/workflows/${flowId.data}`) : data(moved, { status: moved.problem.status });
  }
  const input = parseJson(fields.input);
  if (!input.ok) return data(refuse(request, `The input is not JSON. ${input.message}`), { status: 400 });
  const started = await attempt(request, () => startRun(request, flowId.data, input.value, fields.key));
  return started.ok ? started : data(started, { status: started.problem.status });
};

const drawingTabs = ({ flow, drawing }: FlowPage): readonly LinkTab[] => {
  const isOlder = drawing.kind === 'version' && drawing.version !== flow.version;
  return [
    ...(flow.version === null
      ? []
      : [{ label: `Live, version ${flow.version}`, to: '?', current: drawing.kind === 'version' && !isOlder }]),
    ...(isOlder ? [{ label: `Version ${drawing.version}`, to: `?drawing=${drawing.version}`, current: true }] : []),
    {
      label: flow.changedSincePublish ? 'Draft, changed' : 'Draft',
      to: '?drawing=draft',
      current: drawing.kind === 'draft',
    },
  ];
};

export default function FlowDetail({ loaderData, actionData }: Route.ComponentProps) {
  const { flow, drawing, graph, manifests, issues, versions, runs, limits, folders, history } = loaderData;
  const [search, setSearch] = useSearchParams();
  const [isStarting, setStarting] = useState(false);
  const mayStart = flow.may.includes('runs:start');
  const mayDraw = flow.may.includes('flows:write');
  const obstacle = whyNotRun(flow);
  const selectedId = search.get('node');
  const selected = graph.nodes.find((node) => node.id === selectedId) ?? null;
  const select = (id: string | null): void =>
    setSearch(
      (last) => {
        if (id === null) last.delete('node');
        else last.set('node', id);
        return last;
      },
      { replace: true, preventScrollReset: true },
    );
  const webhooks = flow.triggers.filter((trigger) => trigger.url !== null);

  return (
    <>
      <PageHeader
        title={flow.name}
        actions={
          <>
            {flow.status === 'archived' ? null : <FlowSwitch flow={flow} />}
            <ButtonLink
              to={`/workflows/${flow.id}/export${drawing.kind === 'version' ? `?version=${drawing.version}` : ''}`}
              reloadDocument
              download
              icon={<Download size={15} aria-hidden />}
              className="ml-2"
            >
              Export
            </ButtonLink>
            {mayDraw && flow.status !== 'archived' ? (
              <ButtonLink
                to={`/workflows/${flow.id}/edit`}
                icon={<PencilLine size={15} aria-hidden />}
                className="ml-2"
              >
                Edit
              </ButtonLink>
            ) : null}
            {mayStart ? (
              <Button
                variant="primary"
                icon={<Play size={15} aria-hidden />}
                onClick={() => setStarting(true)}
                disabled={obstacle !== null}
                title={obstacle ?? undefined}
                className="ml-2"
              >
                Run now
              </Button>
            ) : null}
          </>
        }
      >
        {flow.description ? <p>{flow.description}</p> : null}
        {flow.tags.length > 0 ? (
          <p className="mt-2 flex flex-wrap gap-1.5">
            {flow.tags.map((tag) => (
              <span key={tag} className="rounded-full border border-line px-2 text-xs">
                {tag}
              </span>
            ))}
          </p>
        ) : null}
      </PageHeader>
      <LinkTabs label="Drawings of this flow" tabs={drawingTabs(loaderData)} />
      <IssueNotice issues={issues} />
      <div className="mt-4">
        <DrawingLayout
          orientation={orientationOf(graph)}
          canvas={
            <FlowCanvas
              // A new key fits the new drawing into view.
              key={`${drawing.kind}${drawing.kind === 'version' ? drawing.version : flow.draftRevision}`}
              graph={graph}
              manifests={manifests}
              issues={issues}
              selectedId={selectedId}
              onSelect={(id) => select(id === selectedId ? null : id)}
              label={`Drawing of ${flow.name}`}
            />
          }
          main={
            <>
              {selected ? (
                <NodeCard
                  node={selected}
                  manifest={manifests.find((manifest) => manifest.kind === selected.kind)}
                  onClose={() => select(null)}
                />
              ) : null}
              {flow.triggers.some(({ kind }) => kind === 'trigger.schedule') ? (
                <SchedulesCard flowId={flow.id} />
              ) : null}
              {webhooks.map((trigger) => (
                <WebhookCard key={trigger.id} trigger={trigger} isOn={flow.status === 'active'} />
              ))}
            </>
          }
          aside={
            <>
              <RecentRuns flowId={flow.id} runs={runs} />
              <PlaceCard
                flow={flow}
                folders={folders}
                problem={actionData && !actionData.ok ? actionData.problem : null}
              />
              <LimitsCard flowId={flow.id} limits={limits} />
              <VersionList flowId={flow.id} versions={versions} isDraftChanged={flow.changedSincePublish} />
              {history ? <HistoryCard flowId={flow.id} entries={history} /> : null}
            </>
          }
        />
      </div>
      {isStarting ? <RunNowDialog flow={flow} onClose={() => setStarting(false)} /> : null}
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
