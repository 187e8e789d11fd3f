import { orgLimitsSchema, setOrgLimitsRequestSchema } from '@everwave/schema/api';
import { callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { isUnlimited } from '#app/limits/is-unlimited.ts';
import { LimitFields } from '#app/limits/limit-fields.tsx';
import { LimitsForm } from '#app/limits/limits-form.tsx';
import { Places } from '#app/limits/places.tsx';
import { readFlowRunLimit, readLimit } from '#app/limits/read-limit-form.ts';
import { WhenFullField } from '#app/limits/when-full-field.tsx';
import { writeLimits } from '#app/limits/write-limits.server.ts';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMay } from '#app/shell/use-me.ts';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Limits · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Limits' }] };

const address = '/v1/limits';

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, () => callApi(request, address, orgLimitsSchema));

export const action = ({ request }: Route.ActionArgs) =>
  writeLimits(request, {
    address,
    schema: setOrgLimitsRequestSchema,
    reply: orgLimitsSchema,
    read: (typed) => ({
      runs: readLimit(typed, 'runs'),
      eachFlow: readFlowRunLimit(typed, 'eachFlow'),
      steps: readLimit(typed, 'steps'),
    }),
  });

export default function OrgLimits({ loaderData, actionData }: Route.ComponentProps) {
  const { usage, ...limits } = loaderData;
  const { runs, eachFlow, steps } = limits;
  const may = useMay('limits:manage');
  return (
    <>
      <PageHeader title="Limits">
        How much of your organisation runs at once, and how often something begins. A flow and a connection have limits
        of their own, on their pages.
      </PageHeader>
      <LimitsForm
        written={actionData}
        limits={limits}
        isUnlimited={[runs, eachFlow, steps].every(isUnlimited)}
        unlimited="Runs and steps begin as soon as there is a worker for them. A limit holds at once, for runs of every version."
        whoMay={may ? null : 'Owners and admins'}
      >
        {(form) => (
          <>
            <Section
              title="Runs of the organisation"
              actions={<Places of="runs" places={usage.runs} atOnce={runs.atOnce} />}
            >
              <LimitFields prefix="runs" of="runs" limit={runs} form={form} />
            </Section>
            <Section title="Runs of each flow">
              <p className="mb-4 text-ink-2">Holds for every flow that has no limit of its own.</p>
              <LimitFields prefix="eachFlow" of="runs" limit={eachFlow} form={form}>
                <WhenFullField prefix="eachFlow" chosen={eachFlow.whenFull} form={form} />
              </LimitFields>
            </Section>
            <Section
              title="Steps of the organisation"
              actions={<Places of="steps" places={usage.steps} atOnce={steps.atOnce} />}
            >
              <LimitFields prefix="steps" of="steps" limit={steps} form={form} />
            </Section>
          </>
        )}
      </LimitsForm>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
