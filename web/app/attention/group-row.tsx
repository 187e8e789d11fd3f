import type { DeadLetterGroup } from '@everwave/schema/api';
import { Wrench } from 'lucide-react';
import { Link } from 'react-router';
import { Pill, StepStatusPill } from '#app/components/ui/status-pill.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { formatCount } from '#app/words/numbers.ts';
import { failureTitle } from '#app/words/statuses.ts';

/** Steps that gave up for one reason; the row leads to what can be done with all of them. */
export const GroupRow = ({ group, query }: { readonly group: DeadLetterGroup; readonly query: string }) => (
  <li>
    <Link
      to={`/attention/${group.fingerprint}${query}`}
      data-row
      prefetch="intent"
      className="grid grid-cols-1 gap-x-6 gap-y-1.5 px-5 py-4 -outline-offset-2 transition-colors duration-120 hover:bg-sunken/60 md:grid-cols-[minmax(0,1fr)_auto]"
    >
      <span className="min-w-0">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-semibold">{failureTitle(group.failure.name)}</span>
          <span className="text-ink-2">
            at {group.stepTitle} in {group.flowName}
          </span>
        </span>
        <span className="mt-1 block [overflow-wrap:anywhere]">{group.failure.message}</span>
        {group.failure.advice ? <span className="mt-0.5 block text-ink-2">{group.failure.advice}</span> : null}
      </span>
      <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-2 md:flex-col md:items-end">
        {group.repairJobId ? (
          <Pill tone="live" icon={<Wrench size={13} aria-hidden />}>
            Being repaired
          </Pill>
        ) : (
          <StepStatusPill status="needs_attention" />
        )}
        <span className="tabular-nums">
          {formatCount(group.runs, 'run')} · <TimeAgo at={group.lastSeenAt} />
        </span>
      </span>
    </Link>
  </li>
);
