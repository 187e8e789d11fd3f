import { type Flow, type FlowVersionSummary, flowVersionListSchema, flowVersionSchema } from '@everwave/schema/api';
import type { FlowGraph } from '@everwave/schema/flow';
import { GitCompareArrows } from 'lucide-react';
import { data, Form, redirect, useNavigation, useSearchParams } from 'react-router';
import * as z from 'zod';
import { callApi, load, refuse } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { SelectField } from '#app/components/ui/field.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { readFlow, saveDraft } from '../builder/draft.server.ts';
import { DrawingLayout } from '../canvas/drawing-layout.tsx';
import { FlowCanvas } from '../canvas/flow-canvas.tsx';
import { orientationOf } from '../canvas/layout-graph.ts';
import { readNodeKinds } from '../node-kinds.server.ts';
import { partOfFlow } from '../part-of-flow.ts';
import type { Route } from './+types/route.ts';
import { ChangedParts } from './changed-parts.tsx';
import { compareDrawings } from './compare-drawings.ts';

type Loaded = Route.ComponentProps['loaderData'];
/** One of the two that are compared. */
type Side = number | 'draft';

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `Compare ${(loaderData as Loaded | undefined)?.flow.name ?? 'flow'} · Everwave` },
];

export const handle = partOfFlow('Compare');

const versionSchema = z.coerce.number().int().min(1);
const sideSchema = z
  .union([z.literal('draft'), versionSchema])
  .nullable()
  .catch(null);

/** What was changed last: the draft since it was published, or the live version since the one before. */
const sidesOf = ({ version, changedSincePublish }: Flow, search: URLSearchParams): readonly [Side, Side] => {
  const live = version ?? 'draft';
  const to = sideSchema.parse(search.get('to')) ?? (changedSincePublish ? 'draft' : live);
  const before = to === 'draft' ? live : Math.max(1, to - 1);
  return [sideSchema.parse(search.get('from')) ?? before, to];
};

const readSide = async (request: Request, flow: Flow, side: Side): Promise<FlowGraph> => {
  if (side === 'draft') return flow.graph;
  return (await callApi(request, `/v1/flows/${flow.id}/versions/${side}`, flowVersionSchema)).graph;
};

export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, async () => {
    const flow = await readFlow(request, params.flowId);
    const [from, to] = sidesOf(flow, new URL(request.url).searchParams);
    const [before, after, versions, manifests] = await Promise.all([
      readSide(request, flow, from),
      readSide(request, flow, to),
      callApi(request, `/v1/flows/${flow.id}/versions`, flowVersionListSchema, { query: { limit: 100 } }),
      readNodeKinds(request),
    ]);
    return { flow, from, to, before, after, versions: versions.items, manifests };
  });

const restoreSchema = z.object({ version: versionSchema, draftRevision: z.coerce.number().int().min(1) });

export const action = async ({ request, params }: Route.ActionArgs) => {
  const form = restoreSchema.safeParse(Object.fromEntries(await request.formData()));
  if (!form.success) return data(refuse(request, 'The page sent something unexpected. Reload it.'), { status: 400 });
  const { version, draftRevision } = form.data;
  const address = `/v1/flows/${encodeURIComponent(params.flowId)}`;
  const { graph } = await callApi(request, `${address}/versions/${version}`, flowVersionSchema);
  const saved = await saveDraft(request, params.flowId, { draftRevision, graph });
  if (saved.ok) return redirect(`/workflows/${params.flowId}/edit`);
  return data(saved, { status: saved.problem.status });
};

const wordOf = (side: Side): string => (side === 'draft' ? 'the draft' : `version ${side}`);

interface ChoiceProps {
  readonly flow: Flow;
  readonly versions: readonly FlowVersionSummary[];
  readonly from: Side;
  readonly to: Side;
}

const Choice = ({ flow, versions, from, to }: ChoiceProps) => {
  const options = (
    <>
      <option value="draft">{flow.changedSincePublish ? 'Draft, changed' : 'Draft'}</option>
      {versions.map(({ version, note, live }) => (
        <option key={version} value={version}>
          {`Version ${version}${live ? ', live' : ''}${note ? `: ${note.slice(0, 60)}` : ''}`}
        </option>
      ))}
    </>
  );
  return (
    <Form key={`${from} ${to}`} className="mb-4 flex flex-wrap items-end gap-3">
      <div className="min-w-0 flex-1 basis-48">
        <SelectField label="From" name="from" defaultValue={String(from)}>
          {options}
        </SelectField>
      </div>
      <div className="min-w-0 flex-1 basis-48">
        <SelectField label="To" name="to" defaultValue={String(to)}>
          {options}
        </SelectField>
      </div>
      <Button type="submit" icon={<GitCompareArrows size={15} aria-hidden />}>
        Compare
      </Button>
    </Form>
  );
};

/** The way back: a version becomes the draft. Nothing runs differently before that is published. */
const Restore = ({ flow, version }: { readonly flow: Flow; readonly version: number }) => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Section title={`Go back to version ${version}`}>
      <Form method="post" className="space-y-4">
        <input type="hidden" name="version" value={version} />
        <input type="hidden" name="draftRevision" value={flow.draftRevision} />
        <p>Version {version} becomes the draft, and you can change it before you publish it. Runs go on as they are.</p>
        {flow.changedSincePublish ? (
          <label className="flex items-start gap-2.5">
            <input type="checkbox" required className="mt-1 accent-burgundy" />
            <span>The draft has changes that were never published. Replace them for good.</span>
          </label>
        ) : null}
        <Button type="submit" variant="primary" aria-disabled={isBusy}>
          Make version {version} the draft
        </Button>
      </Form>
    </Section>
  );
};

/** Works without script but for the canvas: the two sides stand in the address. */
export default function CompareDrawings({ loaderData, actionData }: Route.ComponentProps) {
  const { flow, from, to, before, after, versions, manifests } = loaderData;
  const [search, setSearch] = useSearchParams();
  const compared = compareDrawings(before, after);
  const selectedId = search.get('node');
  const select = (id: string): void =>
    setSearch(
      (last) => {
        if (id === selectedId) last.delete('node');
        else last.set('node', id);
        return last;
      },
      { replace: true, preventScrollReset: true },
    );
  const older = typeof from === 'number' ? from : typeof to === 'number' ? to : null;
  const mayDraw = flow.may.includes('flows:write') && flow.status !== 'archived';
  return (
    <>
      <PageHeader
        title={`From ${wordOf(from)} to ${wordOf(to)}`}
        actions={<ButtonLink to={`/workflows/${flow.id}`}>Back to the flow</ButtonLink>}
      >
        What became of the drawing of {flow.name}.
      </PageHeader>
      {actionData && !actionData.ok ? (
        <div className="mb-4">
          <ProblemNotice problem={actionData.problem} />
        </div>
      ) : null}
      <Choice flow={flow} versions={versions} from={from} to={to} />
      <DrawingLayout
        orientation={orientationOf(compared.graph)}
        canvas={
          <FlowCanvas
            key={`${from} ${to}`}
            graph={compared.graph}
            manifests={manifests}
            changes={compared.marked}
            selectedId={selectedId}
            onSelect={select}
            label={`Drawing of ${flow.name}, with what was added, removed and changed`}
          />
        }
        main={
          compared.steps.length + compared.edges.length + Object.keys(compared.settings).length === 0 ? (
            <Section title="Changes" flush>
              <EmptyState icon={<GitCompareArrows />} title="Nothing differs">
                Both do the same. Cards may stand elsewhere on the canvas.
              </EmptyState>
            </Section>
          ) : (
            <ChangedParts compared={compared} selectedId={selectedId} />
          )
        }
        aside={mayDraw && older !== null ? <Restore flow={flow} version={older} /> : null}
      />
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
