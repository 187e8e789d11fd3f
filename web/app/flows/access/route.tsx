import { flowSchema } from '@everwave/schema/api';
import { AccessView } from '#app/access/access-view.tsx';
import { readAccess } from '#app/access/read-access.server.ts';
import { writeAccess } from '#app/access/write-access.server.ts';
import { callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { partOfFlow } from '../part-of-flow.ts';
import type { Route } from './+types/route.ts';

type Loaded = Route.ComponentProps['loaderData'];

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `Access to ${(loaderData as Loaded | undefined)?.flow.name ?? 'a flow'} · Everwave` },
];

export const handle = partOfFlow('Access');

const addressOf = (id: string): string => `/v1/flows/${encodeURIComponent(id)}`;

export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, async () => {
    const address = addressOf(params.flowId);
    const [{ id, name }, read] = await Promise.all([
      callApi(request, address, flowSchema),
      readAccess(request, address),
    ]);
    return { flow: { id, name }, ...read };
  });

export const action = ({ request, params }: Route.ActionArgs) => writeAccess(request, addressOf(params.flowId));

export default function FlowAccess({ loaderData: { flow, ...read }, actionData }: Route.ComponentProps) {
  return (
    <>
      <PageHeader title={`Access to ${flow.name}`}>Who reaches this flow, with its runs, and why.</PageHeader>
      <AccessView of="flow" written={actionData} {...read} />
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
