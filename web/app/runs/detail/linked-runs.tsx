import type { Run } from '@everwave/schema/api';
import { Link } from 'react-router';
import { Notice } from '#app/components/ui/notice.tsx';
import { RunStatusPill } from '#app/components/ui/status-pill.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';

/** The runs that this one goes on from or goes on in, and what an operator did to it in Temporal. */
export const LinkedRuns = ({ run }: { readonly run: Run }) => (
  <>
    {run.supersededByRunId ? (
      <div className="mb-5">
        <Notice tone="warn" title="Started again">
          This run ended where it stood.{' '}
          <Link to={`/runs/${run.supersededByRunId}`} className="prose-link">
            Another run
          </Link>{' '}
          goes on in its place.
        </Notice>
      </div>
    ) : null}
    {run.resetAt ? (
      <div className="mb-5">
        <Notice tone="warn" title="Reset in Temporal">
          An operator took this run back to an earlier point <TimeAgo at={run.resetAt} />. What is shown is what
          happened since.
        </Notice>
      </div>
    ) : null}
    {run.forks.length > 0 ? (
      <ul aria-label="Runs that start this one again" className="mb-5 space-y-1.5 text-sm">
        {run.forks.map(({ id, at, status, createdAt }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Link to={`/runs/${id}`} className="prose-link">
              Started again from <span className="font-mono">{at}</span>
            </Link>
            <RunStatusPill status={status} />
            <span className="text-xs text-ink-2">
              <TimeAgo at={createdAt} />
            </span>
          </li>
        ))}
      </ul>
    ) : null}
  </>
);
