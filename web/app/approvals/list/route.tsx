import { approvalListSchema, listApprovalsQuerySchema } from '@everwave/schema/api';
import { Stamp } from 'lucide-react';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { KeyboardList } from '#app/components/data/keyboard-list.tsx';
import { LinkTabs } from '#app/components/data/link-tabs.tsx';
import { OlderNewer } from '#app/components/data/older-newer.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import type { Route } from './+types/route.ts';
import { ApprovalRow } from './approval-row.tsx';

const stateSchema = listApprovalsQuerySchema.shape.state.catch('mine');

const empty = {
  mine: { title: 'Nothing waits for your answer', text: 'When a run asks you to decide, its question stands here.' },
  open: { title: 'No run waits for an answer', text: 'Questions to you and to others stand here while they are open.' },
  all: {
    title: 'Nothing was asked yet',
    text: 'Draw an approval step; its questions and their answers are kept here.',
  },
} as const;

export const meta: Route.MetaFunction = () => [{ title: 'Approvals · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Approvals' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const state = stateSchema.parse(search.get('state') ?? undefined);
    const query = { state, cursor: search.get('cursor') ?? undefined };
    return { approvals: await callApi(request, '/v1/approvals', approvalListSchema, { query }), state };
  });

export default function Approvals({ loaderData }: Route.ComponentProps) {
  const { approvals, state } = loaderData;
  return (
    <>
      <PageHeader title="Approvals">
        What runs ask people to decide. Each run waits at its step for the answer.
      </PageHeader>
      <LinkTabs
        label="By state"
        tabs={[
          { label: 'For you', to: '/approvals', current: state === 'mine', count: approvals.open },
          { label: 'Open', to: '/approvals?state=open', current: state === 'open' },
          { label: 'All', to: '/approvals?state=all', current: state === 'all' },
        ]}
      />
      <div className="card mt-4 overflow-hidden">
        {approvals.items.length > 0 ? (
          <KeyboardList label="Approvals">
            {approvals.items.map((approval) => (
              <ApprovalRow key={approval.id} approval={approval} />
            ))}
          </KeyboardList>
        ) : (
          <EmptyState icon={<Stamp />} title={empty[state].title}>
            {empty[state].text}
          </EmptyState>
        )}
      </div>
      <OlderNewer nextCursor={approvals.nextCursor} what="approvals" />
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
