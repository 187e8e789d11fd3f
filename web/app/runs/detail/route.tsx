import {
  repairReplySchema,
  repairRequestSchema,
  type Run,
  runFileListSchema,
  runSchema,
  type RunStep,
} from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { useReducer, useState } from 'react';
import { data, useSearchParams } from 'react-router';
import { attempt, callApi, load, refuse } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { Section } from '#app/components/data/section.tsx';
import { parseJson } from '#app/components/values/parse-json.ts';
import { ValueTree } from '#app/components/values/value-tree.tsx';
import { DrawingLayout } from '#app/flows/canvas/drawing-layout.tsx';
import { FlowCanvas } from '#app/flows/canvas/flow-canvas.tsx';
import { orientationOf } from '#app/flows/canvas/layout-graph.ts';
import { newestSteps, toStepViews } from '#app/flows/canvas/step-view.ts';
import { readNodeKinds } from '#app/flows/node-kinds.server.ts';
import { useRunEvents } from '#app/live/live-provider.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { UnservedNotice } from '../unserved/unserved-notice.tsx';
import type { Route } from './+types/route.ts';
import { ForkDialog } from '../fork/fork-dialog.tsx';
import { MigrateDialog } from '../migrate/migrate-dialog.tsx';
import { RerunDialog } from '../rerun/rerun-dialog.tsx';
import { RunFiles } from '../files/run-files.tsx';
import { KeptValueView } from '../value/kept-value.tsx';
import { MaskedNotice } from '../value/masked-notice.tsx';
import { unmaskQueryOf } from '../value/unmask.ts';
import { runOutputUrl } from '../value/value-url.ts';
import { applyRunEvent, newerEvent } from './apply-run-event.ts';
import { chooseStep, nodeIdOf } from './choose-step.ts';
import { RepairDialog } from './repair-dialog.tsx';
import type { RepairChoice } from './repairs.ts';
import { RunFacts } from './run-facts.tsx';
import { RunHeader } from './run-header.tsx';
import { RunLogs } from './run-logs.tsx';
import { StepInspector } from './step-inspector.tsx';
import { RunTimeline } from './timeline.tsx';
import { TriggerInspector } from './trigger-inspector.tsx';

/** A repair that a person is about to decide, with the step as it was when they chose it. */
interface OpenRepair {
  readonly choice: RepairChoice;
  readonly step: RunStep | null;
}

interface RunPage {
  readonly run: Run;
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${(loaderData as RunPage | undefined)?.run.flowName ?? 'Run'}, run · Everwave` },
];

export const handle: PageHandle = {
  crumbs: (loaded) => {
    const run = (loaded as RunPage | undefined)?.run;
    return [
      { label: 'Runs', to: '/runs' },
      ...(run ? [{ label: run.flowName, to: `/runs?flow=${run.flowId}` }, { label: run.id.slice(-6) }] : []),
    ];
  },
  stream: ({ runId }) => `/v1/runs/${runId ?? ''}/events`,
};

/** Of a run with very many steps not all are loaded: the one that the address names is. */
const queryOf = (request: Request) => ({
  step: new URL(request.url).searchParams.get('step') ?? undefined,
  ...unmaskQueryOf(request),
});

export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, async () => {
    const [run, files, manifests] = await Promise.all([
      callApi(request, `/v1/runs/${encodeURIComponent(params.runId)}`, runSchema, { query: queryOf(request) }),
      callApi(request, `/v1/runs/${encodeURIComponent(params.runId)}/files`, runFileListSchema, {
        query: { limit: 100 },
      }),
      readNodeKinds(request),
    ]);
    return { run, files, manifests };
  });

export const action = async ({ request, params }: Route.ActionArgs) => {
  const runId = runIdSchema.safeParse(params.runId);
  const text = (await request.formData()).get('repair');
  const json = parseJson(typeof text === 'string' ? text : '');
  const repair = repairRequestSchema.safeParse(json.ok ? json.value : null);
  if (!runId.success || !repair.success) {
    return data(refuse(request, 'The page sent something unexpected. Reload it and try again.'), { status: 400 });
  }
  const result = await attempt(request, () =>
    callApi(request, `/v1/runs/${runId.data}/repair`, repairReplySchema, { method: 'POST', body: repair.data }),
  );
  return result.ok ? result : data(result, { status: result.problem.status });
};

/** All that the page shows of what the run took and gave. */
const valuesOf = ({ trigger, output, outputReference, steps }: Run) => [
  trigger.data,
  output,
  outputReference?.preview,
  ...steps.flatMap((step) => [step.input, step.inputReference?.preview, step.output, step.outputReference?.preview]),
];

export default function RunDetail({ loaderData }: Route.ComponentProps) {
  const { files, manifests } = loaderData;
  const [event, receive] = useReducer(newerEvent, null);
  useRunEvents(receive);
  const run = applyRunEvent(loaderData.run, event);
  const views = toStepViews(run);
  const steps = newestSteps(run.steps);

  // Held here and not beside its button: the step moves on, and the button goes, before the answer has arrived.
  const [repair, setRepair] = useState<OpenRepair | null>(null);
  const [isRerunning, setIsRerunning] = useState(false);
  const [isMigrating, setIsMigrating] = useState(false);
  const [forked, setForked] = useState<RunStep | null>(null);
  const [search, setSearch] = useSearchParams();
  const selectedPath = chooseStep(run, search.get('step'));
  const selectedStep = selectedPath === null ? null : (steps.get(selectedPath) ?? null);
  const selectedNodeId = selectedStep?.stepId ?? (selectedPath === null ? null : nodeIdOf(selectedPath));
  const select = (path: string): void => {
    setSearch(
      (last) => {
        last.set('step', path);
        return last;
      },
      { replace: true, preventScrollReset: true },
    );
  };
  const isTrigger = selectedNodeId === run.trigger.nodeId;
  const node = run.graph.nodes.find((each) => each.id === selectedNodeId);

  return (
    <>
      <RunHeader
        run={run}
        onCancel={() => setRepair({ choice: 'cancelRun', step: null })}
        onRerun={() => setIsRerunning(true)}
        onMigrate={() => setIsMigrating(true)}
      />
      <UnservedNotice run={run} manifests={manifests} />
      <div className="mb-5 empty:hidden">
        <MaskedNotice values={valuesOf(run)} mayUnmask={run.may.includes('values:unmask')} />
      </div>
      <DrawingLayout
        orientation={orientationOf(run.graph)}
        canvas={
          <FlowCanvas
            graph={run.graph}
            manifests={manifests}
            steps={views}
            selectedId={selectedNodeId}
            onSelect={(nodeId) => select(views.get(nodeId)?.path ?? nodeId)}
            label={`${run.flowName}, with the state of each step in this run`}
          />
        }
        main={
          isTrigger ? (
            <TriggerInspector run={run} title={node?.title ?? 'Trigger'} />
          ) : node ? (
            <StepInspector
              // Another step, or the same one scheduled again, starts with its own first tab.
              key={`${node.id}${selectedStep?.ordinal ?? 1}`}
              run={run}
              node={node}
              step={selectedStep}
              path={selectedPath ?? node.id}
              iterations={[...steps.values()].filter(({ stepId }) => stepId === node.id)}
              onSelect={select}
              manifest={manifests.find((manifest) => manifest.kind === node.kind)}
              onRepair={(choice) => setRepair({ choice, step: selectedStep })}
              onFork={() => setForked(selectedStep)}
            />
          ) : null
        }
        aside={
          <>
            <Section title="Timeline" flush>
              <RunTimeline run={run} selectedPath={selectedPath} onSelect={select} />
            </Section>
            {run.outputReference ? (
              <Section title="What the run returned">
                <KeptValueView kept={run.outputReference} url={runOutputUrl(run.id)} root="output" />
              </Section>
            ) : null}
            {run.output !== undefined && run.output !== null ? (
              <Section title="What the run returned">
                <ValueTree value={run.output} root="output" />
              </Section>
            ) : null}
            <RunFiles runId={run.id} files={files.items} hasMore={files.nextCursor !== null} />
            <RunLogs run={run} />
            <RunFacts run={run} />
          </>
        }
      />
      {repair ? (
        <RepairDialog
          run={run}
          repair={repair.choice}
          step={repair.step}
          manifest={manifests.find((manifest) => manifest.kind === repair.step?.kind)}
          onClose={() => setRepair(null)}
        />
      ) : null}
      {forked ? (
        <ForkDialog run={run} step={forked} steps={[...steps.values()]} onClose={() => setForked(null)} />
      ) : null}
      {isMigrating ? <MigrateDialog run={run} onClose={() => setIsMigrating(false)} /> : null}
      {isRerunning ? <RerunDialog run={run} onClose={() => setIsRerunning(false)} /> : null}
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
