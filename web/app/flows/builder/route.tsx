import { ReactFlowProvider } from '@xyflow/react';
import { data } from 'react-router';
import * as z from 'zod';
import { load, refuse } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { useIsInBrowser } from '#app/time/use-now.ts';
import { CanvasSkeleton } from '../canvas/flow-canvas.tsx';
import { partOfFlow } from '../part-of-flow.ts';
import type { Route } from './+types/route.ts';
import { Builder } from './builder.tsx';
import { publish, readBuilder } from './draft.server.ts';

type Loaded = Route.ComponentProps['loaderData'];

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `Edit ${(loaderData as Loaded | undefined)?.flow.name ?? 'flow'} · Everwave` },
];

export const handle = partOfFlow('Edit');

export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, () => readBuilder(request, params.flowId));

const publishSchema = z.object({ draftRevision: z.int().min(1), note: z.string().max(500) });

export const action = async ({ request, params }: Route.ActionArgs) => {
  const body = publishSchema.safeParse(await request.json().catch(() => null));
  if (!body.success) return data(refuse(request, 'The page sent something unexpected. Reload it.'), { status: 400 });
  const published = await publish(request, params.flowId, body.data);
  return published.ok ? published : data(published, { status: published.problem.status });
};

export default function FlowBuilder({ loaderData }: Route.ComponentProps) {
  // A canvas has to measure, which the server cannot.
  if (!useIsInBrowser()) return <CanvasSkeleton />;
  const { flow, manifests, connections } = loaderData;
  return (
    <ReactFlowProvider>
      <Builder key={flow.id} flow={flow} manifests={manifests} connections={connections} />
    </ReactFlowProvider>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
