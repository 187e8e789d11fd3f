import { deadLetterGroupListSchema, deadLetterListSchema, deadLetterStateSchema } from '@everwave/schema/api';
import { Hand } from 'lucide-react';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { KeyboardList } from '#app/components/data/keyboard-list.tsx';
import { LinkTabs } from '#app/components/data/link-tabs.tsx';
import { OlderNewer } from '#app/components/data/older-newer.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { DeadLetterRow } from './dead-letter-row.tsx';
import { GroupRow } from './group-row.tsx';
import type { Route } from './+types/route.ts';

const stateSchema = deadLetterStateSchema.catch('open');

export const meta: Route.MetaFunction = () => [{ title: 'Attention · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Attention' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const state = stateSchema.parse(search.get('state') ?? undefined);
    const query = { state, cursor: search.get('cursor') ?? undefined };
    // What was decided is looked up one by one: by whom, and how.
    if (state === 'resolved') {
      const letters = await callApi(request, '/v1/dead-letters', deadLetterListSchema, { query });
      return { state, letters, groups: null, open: letters.open, nextCursor: letters.nextCursor };
    }
    const groups = await callApi(request, '/v1/dead-letter-groups', deadLetterGroupListSchema, { query });
    return { state, letters: null, groups, open: groups.open, nextCursor: groups.nextCursor };
  });

const nothing = {
  open: {
    title: 'Nothing waits for you',
    words: 'When a step gives up, its run parks instead of failing, and stands here with the reason and what to do.',
  },
  dismissed: {
    title: 'Nothing is dismissed',
    words: 'What somebody took out of the inbox with a reason is kept here, and can be brought back.',
  },
  resolved: {
    title: 'Nothing decided yet',
    words: 'Steps that somebody retried, completed or skipped are kept here.',
  },
} as const;

export default function Attention({ loaderData }: Route.ComponentProps) {
  const { state, letters, groups, open, nextCursor } = loaderData;
  const label = state === 'open' ? 'Waiting for you' : state === 'dismissed' ? 'Dismissed' : 'Decided';
  const count = (groups ?? letters).items.length;
  return (
    <>
      <PageHeader title="Attention">
        Steps that used up their attempts, together when they want the same repair. Each run stands still at its step
        until you decide; nothing before it runs again.
      </PageHeader>
      <LinkTabs
        label="By state"
        tabs={[
          { label: 'Waiting for you', to: '/attention', current: state === 'open', count: open },
          { label: 'Dismissed', to: '/attention?state=dismissed', current: state === 'dismissed' },
          { label: 'Decided', to: '/attention?state=resolved', current: state === 'resolved' },
        ]}
      />
      <div className="card mt-4 overflow-hidden">
        {count === 0 ? (
          <EmptyState icon={<Hand />} title={nothing[state].title}>
            {nothing[state].words}
          </EmptyState>
        ) : (
          <KeyboardList label={label}>
            {groups
              ? groups.items.map((group) => (
                  <GroupRow
                    key={group.fingerprint}
                    group={group}
                    query={state === 'dismissed' ? '?state=dismissed' : ''}
                  />
                ))
              : letters.items.map((letter) => <DeadLetterRow key={letter.id} letter={letter} />)}
          </KeyboardList>
        )}
      </div>
      <OlderNewer nextCursor={nextCursor} what={groups ? 'groups' : 'steps'} />
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
