import { flowLimitsSchema, flowSchema, setFlowLimitsRequestSchema } from '@everwave/schema/api';
import { callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { isUnlimited } from '#app/limits/is-unlimited.ts';
import { LimitFields } from '#app/limits/limit-fields.tsx';
import { LimitsForm } from '#app/limits/limits-form.tsx';
import { Places } from '#app/limits/places.tsx';
import { readFlowRunLimit, readLimit, readNodeLimits } from '#app/limits/read-limit-form.ts';
import { WhenFullField } from '#app/limits/when-full-field.tsx';
import { writeLimits } from '#app/limits/write-limits.server.ts';
import { readNodeKinds } from '../node-kinds.server.ts';
import { partOfFlow } from '../part-of-flow.ts';
import type { Route } from './+types/route.ts';
import { NodeLimits } from './node-limits.tsx';
import { WhoseLimit } from './whose-limit.tsx';

type Loaded = Route.ComponentProps['loaderData'];

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `Limits of ${(loaderData as Loaded | undefined)?.flow.name ?? 'a flow'} · Everwave` },
];

export const handle = partOfFlow('Limits');

const addressOf = (flowId: string): string => `/v1/flows/${encodeURIComponent(flowId)}`;

export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, async () => {
    const address = addressOf(params.flowId);
    const [{ id, name, graph, may }, limits, kinds] = await Promise.all([
      callApi(request, address, flowSchema),
      callApi(request, `${address}/limits`, flowLimitsSchema),
      readNodeKinds(request),
    ]);
    // What a worker executes can be limited; a condition or a loop takes no place.
    const executed = new Set(kinds.filter(({ activity }) => activity !== null).map(({ kind }) => kind));
    const steps = graph.nodes
      .filter(({ kind }) => executed.has(kind))
      .map((node) => ({ id: node.id, title: node.title }));
    return { flow: { id, name, may }, limits, steps };
  });

export const action = ({ request, params }: Route.ActionArgs) =>
  writeLimits(request, {
    address: `${addressOf(params.flowId)}/limits`,
    schema: setFlowLimitsRequestSchema,
    reply: flowLimitsSchema,
    read: (typed) => ({
      runs: typed['whose'] === 'own' ? readFlowRunLimit(typed, 'runs') : null,
      steps: readLimit(typed, 'steps'),
      nodes: readNodeLimits(typed),
    }),
  });

export default function FlowLimits({ loaderData, actionData }: Route.ComponentProps) {
  const { flow, steps: limitable } = loaderData;
  const { usage, ...limits } = loaderData.limits;
  const { runs, eachFlow, steps, nodes } = limits;
  const may = flow.may.includes('flows:publish');
  const holds = runs ?? eachFlow;
  return (
    <>
      <PageHeader title={`Limits of ${flow.name}`}>
        How much of this flow runs at once, and how often something begins. Holds from now on, for runs of every
        version.
      </PageHeader>
      <LimitsForm
        written={actionData}
        limits={limits}
        isUnlimited={[holds, steps, ...Object.values(nodes)].every(isUnlimited)}
        unlimited="Runs and steps of this flow begin as soon as there is a worker for them."
        whoMay={may ? null : 'Owners, admins and developers'}
      >
        {(form) => (
          <>
            <Section title="Runs" actions={<Places of="runs" places={usage.runs} atOnce={holds.atOnce} />}>
              <WhoseLimit isOwn={runs !== null} eachFlow={eachFlow} form={form}>
                <LimitFields prefix="runs" of="runs" limit={holds} form={form}>
                  <WhenFullField prefix="runs" chosen={holds.whenFull} form={form} />
                </LimitFields>
              </WhoseLimit>
            </Section>
            <Section title="Steps together" actions={<Places of="steps" places={usage.steps} atOnce={steps.atOnce} />}>
              <LimitFields prefix="steps" of="steps" limit={steps} form={form} />
            </Section>
            <Section title="Single steps" flush>
              <NodeLimits steps={limitable} nodes={nodes} form={form} />
            </Section>
          </>
        )}
      </LimitsForm>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
