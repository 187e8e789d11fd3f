import { deadLetterListSchema } from '@everwave/schema/api';
import { Hand } from 'lucide-react';
import { useSearchParams } from 'react-router';
import * as z from 'zod';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { KeyboardList } from '#app/components/data/keyboard-list.tsx';
import { LinkTabs } from '#app/components/data/link-tabs.tsx';
import { OlderNewer } from '#app/components/data/older-newer.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { DeadLetterRow } from './dead-letter-row.tsx';
import type { Route } from './+types/route.ts';

const stateSchema = z.enum(['open', 'resolved']).catch('open');

export const meta: Route.MetaFunction = () => [{ title: 'Attention · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Attention' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const state = stateSchema.parse(search.get('state') ?? undefined);
    const letters = await callApi(request, '/v1/dead-letters', deadLetterListSchema, {
      query: {
        state,
        fingerprint: search.get('fingerprint') ?? undefined,
        cursor: search.get('cursor') ?? undefined,
      },
    });
    return { letters, state };
  });

export default function Attention({ loaderData }: Route.ComponentProps) {
  const { letters, state } = loaderData;
  const [search] = useSearchParams();
  const alike = search.get('fingerprint');
  return (
    <>
      <PageHeader title="Attention">
        Steps that used up their attempts. Each run stands still at its step until you decide; nothing before it runs
        again.
      </PageHeader>
      <LinkTabs
        label="By state"
        tabs={[
          { label: 'Waiting for you', to: '/attention', current: state === 'open', count: letters.open },
          { label: 'Decided', to: '/attention?state=resolved', current: state === 'resolved' },
        ]}
      />
      {alike ? (
        <p className="mt-4 text-ink-2">
          Showing failures of one kind.{' '}
          <ButtonLink to={state === 'open' ? '/attention' : '/attention?state=resolved'} size="sm" variant="quiet">
            Show all
          </ButtonLink>
        </p>
      ) : null}
      <div className="card mt-4 overflow-hidden">
        {letters.items.length > 0 ? (
          <KeyboardList label={state === 'open' ? 'Waiting for you' : 'Decided'}>
            {letters.items.map((letter) => (
              <DeadLetterRow key={letter.id} letter={letter} />
            ))}
          </KeyboardList>
        ) : state === 'open' ? (
          <EmptyState icon={<Hand />} title="Nothing waits for you">
            When a step gives up, its run parks instead of failing, and stands here with the reason and what to do.
          </EmptyState>
        ) : (
          <EmptyState icon={<Hand />} title="Nothing decided yet">
            Steps that somebody retried, completed or skipped are kept here.
          </EmptyState>
        )}
      </div>
      <OlderNewer nextCursor={letters.nextCursor} what="steps" />
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
