import { flowSchema } from '@everwave/schema/api';
import { type Issue, type PortableFlow, toExport } from '@everwave/schema/flow';
import { FileUp } from 'lucide-react';
import { useState } from 'react';
import { data, Form, redirect, useNavigation } from 'react-router';
import { attempt, callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { Field } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMay } from '#app/shell/use-me.ts';
import { formatCount } from '#app/words/numbers.ts';
import { DrawingLayout } from '../canvas/drawing-layout.tsx';
import { FlowCanvas } from '../canvas/flow-canvas.tsx';
import { orientationOf } from '../canvas/layout-graph.ts';
import { IssueNotice } from '../detail/issue-notice.tsx';
import { NodeCard } from '../detail/node-card.tsx';
import { readNodeKinds } from '../node-kinds.server.ts';
import type { Route } from './+types/route.ts';
import { issuesOf } from './issues-of.server.ts';
import type { ImportNote } from './n8n/from-n8n.ts';
import { readDocument } from './read-document.ts';

const page = '/workflows/import';

export const meta: Route.MetaFunction = () => [{ title: 'Import a flow · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Flows', to: '/workflows' }, { label: 'Import' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => ({ manifests: await readNodeKinds(request) }));

const textOf = async (value: FormDataEntryValue | null): Promise<string> => {
  if (value === null || typeof value === 'string') return value ?? '';
  return value.text();
};

/** Shows first; makes a flow of it only when what was shown is accepted. */
export const action = async ({ request }: Route.ActionArgs) => {
  const form = await request.formData();
  const file = await textOf(form.get('file'));
  const text = file === '' ? await textOf(form.get('document')) : file;
  const read = readDocument(text);
  if (!read.ok) {
    return data({ read, text: text.slice(0, 20_000), issues: [], refused: null }, { status: 422 });
  }
  const { flow } = read;
  const issues = await issuesOf(request, flow.graph);
  if (form.get('intent') !== 'accept') return { read, text: '', issues, refused: null };
  const name = form.get('name');
  const named = typeof name === 'string' && name.trim() !== '' ? { ...flow, name: name.trim() } : flow;
  const made = await attempt(request, () =>
    callApi(request, '/v1/flows/import', flowSchema, { method: 'POST', body: toExport(named) }),
  );
  if (made.ok) return redirect(`/workflows/${made.value.id}/edit`);
  return data({ read, text: '', issues, refused: made.problem }, { status: made.problem.status });
};

const Choose = ({ text }: { readonly text: string }) => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Section title="The file">
      <Form method="post" action={page} encType="multipart/form-data" className="space-y-5">
        <Field label="A file from Everwave or n8n">
          {(described) => (
            <input {...described} type="file" name="file" accept="application/json,.json" className="field" />
          )}
        </Field>
        <Field label="Or what is in it" optional>
          {(described) => (
            <textarea
              {...described}
              name="document"
              rows={8}
              defaultValue={text}
              spellCheck={false}
              placeholder='{ "format": "everwave.flow", … }'
              className="field font-mono text-xs"
            />
          )}
        </Field>
        <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          <ButtonLink to="/workflows">Cancel</ButtonLink>
          <Button type="submit" variant="primary" icon={<FileUp size={15} aria-hidden />} aria-disabled={isBusy}>
            Show it
          </Button>
        </div>
      </Form>
    </Section>
  );
};

const Accept = ({ flow }: { readonly flow: PortableFlow }) => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Section title="Is this the flow?">
      <Form method="post" action={page} className="space-y-4">
        <input type="hidden" name="intent" value="accept" />
        <input type="hidden" name="document" value={JSON.stringify(toExport(flow))} />
        <Field label="Name">
          {(described) => (
            <input
              {...described}
              name="name"
              required
              maxLength={120}
              defaultValue={flow.name}
              autoComplete="off"
              className="field"
            />
          )}
        </Field>
        <p className="text-ink-2">
          {formatCount(flow.graph.nodes.length, 'step')}. It becomes a draft: nothing of it runs before you publish it.
          Files hold no connections, so you choose yours in the steps that need one.
        </p>
        {flow.description ? <p className="[overflow-wrap:anywhere]">{flow.description}</p> : null}
        <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          <ButtonLink to={page} reloadDocument>
            Choose another file
          </ButtonLink>
          <Button type="submit" variant="primary" aria-disabled={isBusy}>
            Make this flow
          </Button>
        </div>
      </Form>
    </Section>
  );
};

type Loaded = Route.ComponentProps['loaderData'];

interface PreviewProps extends Pick<Loaded, 'manifests'> {
  readonly flow: PortableFlow;
  readonly issues: readonly Issue[];
  readonly notes: readonly ImportNote[];
}

/** What did not come over as it was. */
const Notes = ({ notes }: Pick<PreviewProps, 'notes'>) =>
  notes.length === 0 ? null : (
    <Section title={`To look at (${notes.length})`} flush>
      <ul className="divide-y divide-line">
        {notes.map(({ step, message }) => (
          <li key={`${step} ${message}`} className="px-5 py-2.5">
            <p className="font-medium [overflow-wrap:anywhere]">{step}</p>
            <p className="text-ink-2 [overflow-wrap:anywhere]">{message}</p>
          </li>
        ))}
      </ul>
    </Section>
  );

const Preview = ({ flow, issues, notes, manifests }: PreviewProps) => {
  const [selectedId, select] = useState<string | null>(null);
  const { graph } = flow;
  const selected = graph.nodes.find(({ id }) => id === selectedId) ?? null;
  return (
    <DrawingLayout
      orientation={orientationOf(graph)}
      canvas={
        <FlowCanvas
          graph={graph}
          manifests={manifests}
          selectedId={selectedId}
          onSelect={(id) => select(id === selectedId ? null : id)}
          label={`Drawing of ${flow.name}, as the file has it`}
        />
      }
      main={
        <>
          <Accept flow={flow} />
          {selected ? (
            <NodeCard
              node={selected}
              manifest={manifests.find(({ kind }) => kind === selected.kind)}
              onClose={() => select(null)}
            />
          ) : null}
        </>
      }
      aside={
        <>
          <IssueNotice issues={issues} />
          <Notes notes={notes} />
        </>
      }
    />
  );
};

/** Works without script but for the canvas. */
export default function ImportFlow({ loaderData: { manifests }, actionData }: Route.ComponentProps) {
  const may = useMay('flows:write');
  const read = actionData?.read ?? null;
  const flow = read?.ok ? read.flow : null;
  return (
    <>
      <PageHeader title="Import a flow">
        A flow from another organisation or installation, as <em>Export</em> on its page wrote it, or a workflow that
        n8n exported. You see it before anything is saved.
      </PageHeader>
      <div className="space-y-5">
        {read && !read.ok ? (
          <Notice tone="bad" title={read.title} role="alert">
            {read.problems.length > 0 ? (
              <ul className="list-disc space-y-0.5 pl-4">
                {read.problems.map(({ path, message }) => (
                  <li key={`${path} ${message}`}>
                    {path ? <code className="font-mono text-xs">{path}</code> : null} {message}
                  </li>
                ))}
              </ul>
            ) : null}
          </Notice>
        ) : null}
        {actionData?.refused ? <ProblemNotice problem={actionData.refused} /> : null}
        {may ? null : (
          <Notice tone="warn" title="Your role draws no flows">
            Somebody with the permission flows:write can import it.
          </Notice>
        )}
        {may && flow ? (
          <Preview
            flow={flow}
            issues={actionData?.issues ?? []}
            notes={read?.ok ? read.notes : []}
            manifests={manifests}
          />
        ) : null}
        {may && !flow ? <Choose key={actionData?.text ?? ''} text={actionData?.text ?? ''} /> : null}
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
