import { type MaskedField, maskedFieldListSchema } from '@everwave/schema/api';
import { EyeOff } from 'lucide-react';
import { data, Form, Link, useNavigation } from 'react-router';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMay } from '#app/shell/use-me.ts';
import { TimeAgo } from '#app/time/time-ago.tsx';
import type { Route } from './+types/route.ts';
import { writeMaskedField } from './write-masked-field.server.ts';

const page = '/settings/masked-fields';

export const meta: Route.MetaFunction = () => [{ title: 'Masked fields · Everwave' }];

export const handle: PageHandle = {
  crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Masked fields' }],
};

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const { items } = await callApi(request, '/v1/masked-fields', maskedFieldListSchema);
    return { fields: items, asked: new URL(request.url).searchParams.get('show') };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeMaskedField(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

interface RowProps {
  readonly masked: MaskedField;
  /** Whether showing it is to be confirmed. */
  readonly isAsked: boolean;
}

const Row = ({ masked: { field, createdBy, createdAt }, isAsked }: RowProps) => {
  const may = useMay('maskedFields:manage');
  const isBusy = useNavigation().state !== 'idle';
  return (
    <li className="px-5 py-3">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-1">
        <code className="min-w-0 flex-1 basis-48 font-mono font-medium [overflow-wrap:anywhere]">{field}</code>
        <p className="text-xs text-ink-2">
          Masked by {createdBy}, <TimeAgo at={createdAt} />
        </p>
        {may && !isAsked ? (
          <ButtonLink size="sm" to={`${page}?show=${encodeURIComponent(field)}`} aria-label={`Show again: ${field}`}>
            Show again
          </ButtonLink>
        ) : null}
      </div>
      {may && isAsked ? (
        <Form method="post" action={page} className="mt-3 space-y-4 rounded-md border border-bad/30 bg-bad/8 p-4">
          <input type="hidden" name="intent" value="show" />
          <input type="hidden" name="field" value={field} />
          <p>Everybody who may see a run will read what {field} holds, in runs that are recorded already too.</p>
          <div className="flex flex-wrap justify-end gap-2">
            <ButtonLink to={page}>Keep it masked</ButtonLink>
            <Button type="submit" variant="danger" aria-disabled={isBusy}>
              Show {field}
            </Button>
          </div>
        </Form>
      ) : null}
    </li>
  );
};

const MaskForm = ({ typed, error }: { readonly typed: string; readonly error: string | undefined }) => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Section title="Mask a field">
      <Form method="post" action={page} className="flex flex-wrap items-start gap-3">
        <input type="hidden" name="intent" value="mask" />
        <div className="min-w-0 flex-1 basis-64">
          <TextField
            label="Field"
            name="field"
            required
            maxLength={200}
            defaultValue={typed}
            error={error}
            placeholder="card.number"
            autoCapitalize="off"
            autoComplete="off"
            spellCheck={false}
            className="font-mono"
            hint="As email, or card.number; customer.* is everything in customer. At any depth, in lists too, small and capital letters alike."
          />
        </div>
        <Button type="submit" variant="primary" aria-disabled={isBusy} className="sm:mt-[1.65rem]">
          Mask the field
        </Button>
      </Form>
    </Section>
  );
};

/** Works without script: every deed is a form, every state an address. */
export default function MaskedFields({ loaderData, actionData }: Route.ComponentProps) {
  const { fields, asked } = loaderData;
  const may = useMay('maskedFields:manage');
  const refused = actionData && !actionData.ok ? actionData : null;
  const said = actionData?.ok ? actionData.value.said : null;
  const error = refused?.problem.errors.find(({ path }) => path === 'field')?.message;
  return (
    <>
      <PageHeader title="Masked fields">
        What these fields hold in runs, events and approvals stays hidden from everybody, in the Temporal UI too.
        Whoever may see masked values can show them, and the{' '}
        <Link to="/settings/audit" className="prose-link">
          audit log
        </Link>{' '}
        says who did. Flows work with the values themselves.
      </PageHeader>
      <div className="max-w-[980px] space-y-5">
        {said ? <Notice tone="ok" title={said} role="status" /> : null}
        {refused && error === undefined ? <ProblemNotice problem={refused.problem} /> : null}
        {may ? <MaskForm key={said ?? ''} typed={refused?.typed ?? ''} error={error} /> : null}
        <Section title="Masked in the organisation" flush>
          {fields.length === 0 ? (
            <EmptyState icon={<EyeOff />} title="No field is masked">
              Everybody who may see a run reads all that its steps took and gave. Mask what is personal: addresses,
              numbers of cards, dates of birth.
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {fields.map((masked) => (
                <Row key={masked.field} masked={masked} isAsked={masked.field === asked} />
              ))}
            </ul>
          )}
        </Section>
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
