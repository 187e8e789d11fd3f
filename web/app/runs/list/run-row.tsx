import type { RunSummary } from '@everwave/schema/api';
import { Link } from 'react-router';
import { ElapsedTime } from '#app/time/elapsed-time.tsx';
import { Skeleton } from '#app/components/ui/skeleton.tsx';
import { RunStatusPill } from '#app/components/ui/status-pill.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { triggerWord } from '#app/words/statuses.ts';

const columns =
  'grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 px-4 py-2.5 @xl:grid-cols-[148px_minmax(0,1fr)_90px_104px] @xl:items-center @xl:py-2 @4xl:grid-cols-[148px_minmax(0,1fr)_150px_90px_104px]';

/** The last part of a run's id: enough to tell two rows apart. */
const shortId = (id: string): string => id.slice(-6);

export const RunRow = ({ run }: { readonly run: RunSummary }) => (
  <li>
    <Link
      to={`/runs/${run.id}`}
      data-row
      prefetch="intent"
      className={`${columns} -outline-offset-2 transition-colors duration-120 hover:bg-sunken/60 focus-visible:bg-sunken/60`}
    >
      <span className="order-2 @xl:order-none">
        <RunStatusPill status={run.status} />
      </span>
      <span className="order-1 min-w-0 @xl:order-none">
        <span className="font-medium">{run.flowName}</span>{' '}
        <span className="tabular font-mono text-xs whitespace-nowrap text-ink-2">
          {shortId(run.id)} · v{run.flowVersion}
        </span>
        {run.failure ? <span className="block truncate text-xs text-ink-2">{run.failure.message}</span> : null}
      </span>
      <span className="order-3 truncate text-xs text-ink-2 @xl:hidden @4xl:order-none @4xl:block">
        {run.startedBy ?? triggerWord(run.triggerKind)}
      </span>
      <span className="order-5 hidden text-right text-xs text-ink-2 @xl:order-none @xl:block">
        <ElapsedTime startedAt={run.startedAt} finishedAt={run.finishedAt} />
      </span>
      <span className="order-4 text-right text-xs text-ink-2 @xl:order-none">
        <TimeAgo at={run.createdAt} />
      </span>
    </Link>
  </li>
);

/** Rows to come, in the list's own shape. */
export const RunRowSkeleton = ({ rows }: { readonly rows: number }) => (
  <div aria-hidden className="divide-y divide-line">
    {Array.from({ length: rows }, (_, at) => (
      <div key={at} className={columns}>
        <Skeleton className="h-5 w-24 !rounded-full" />
        <Skeleton className="h-4 w-56 max-w-full" />
        <Skeleton className="hidden h-4 w-20 @4xl:block" />
        <Skeleton className="hidden h-4 w-12 justify-self-end @xl:block" />
        <Skeleton className="hidden h-4 w-16 justify-self-end @xl:block" />
      </div>
    ))}
  </div>
);
