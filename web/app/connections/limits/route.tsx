import { connectionLimitsSchema, connectionSchema, setConnectionLimitsRequestSchema } from '@everwave/schema/api';
import { callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { isUnlimited } from '#app/limits/is-unlimited.ts';
import { LimitFields } from '#app/limits/limit-fields.tsx';
import { LimitsForm } from '#app/limits/limits-form.tsx';
import { Places } from '#app/limits/places.tsx';
import { readLimit } from '#app/limits/read-limit-form.ts';
import { writeLimits } from '#app/limits/write-limits.server.ts';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMay } from '#app/shell/use-me.ts';
import type { Route } from './+types/route.ts';

type Loaded = Route.ComponentProps['loaderData'];

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `Limits of ${(loaderData as Loaded | undefined)?.name ?? 'a connection'} · Everwave` },
];

export const handle: PageHandle = {
  crumbs: (loaded) => [
    { label: 'Connections', to: '/connections' },
    { label: (loaded as Loaded | undefined)?.name ?? 'Connection' },
    { label: 'Limits' },
  ],
};

const addressOf = (connectionId: string): string => `/v1/connections/${encodeURIComponent(connectionId)}`;

export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, async () => {
    const address = addressOf(params.connectionId);
    const [{ name }, { steps, usage }] = await Promise.all([
      callApi(request, address, connectionSchema),
      callApi(request, `${address}/limits`, connectionLimitsSchema),
    ]);
    return { name, steps, usage };
  });

export const action = ({ request, params }: Route.ActionArgs) =>
  writeLimits(request, {
    address: `${addressOf(params.connectionId)}/limits`,
    schema: setConnectionLimitsRequestSchema,
    reply: connectionLimitsSchema,
    read: (typed) => ({ steps: readLimit(typed, 'steps') }),
  });

export default function ConnectionLimits({ loaderData, actionData }: Route.ComponentProps) {
  const { name, steps, usage } = loaderData;
  const may = useMay('connections:write');
  return (
    <>
      <PageHeader title={`Limits of ${name}`}>
        How many steps use this connection at once, and how often one begins: across all flows and all workers.
      </PageHeader>
      <LimitsForm
        written={actionData}
        limits={steps}
        isUnlimited={isUnlimited(steps)}
        unlimited="Set here what the service allows, and steps wait for their turn instead of being refused there."
        whoMay={may ? null : 'Owners, admins and developers'}
      >
        {(form) => (
          <Section title="Steps that use it" actions={<Places of="steps" places={usage.steps} atOnce={steps.atOnce} />}>
            <LimitFields prefix="steps" of="steps" limit={steps} form={form} />
          </Section>
        )}
      </LimitsForm>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
