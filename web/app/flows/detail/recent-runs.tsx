import type { RunSummary } from '@everwave/schema/api';
import { Link } from 'react-router';
import { KeyboardList } from '#app/components/data/keyboard-list.tsx';
import { Section } from '#app/components/data/section.tsx';
import { ElapsedTime } from '#app/time/elapsed-time.tsx';
import { RunStatusPill } from '#app/components/ui/status-pill.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';

export const RecentRuns = ({ flowId, runs }: { readonly flowId: string; readonly runs: readonly RunSummary[] }) => (
  <Section
    title="Recent runs"
    flush
    actions={
      <Link to={`/runs?flow=${flowId}`} className="prose-link text-xs">
        All runs
      </Link>
    }
  >
    {runs.length === 0 ? (
      <p className="px-5 py-4 text-ink-2">No run yet. Press Run now, or send an event to the webhook.</p>
    ) : (
      <KeyboardList label="Recent runs">
        {runs.map((run) => (
          <li key={run.id}>
            <Link
              to={`/runs/${run.id}`}
              data-row
              className="flex items-center gap-3 px-5 py-2 text-xs -outline-offset-2 hover:bg-sunken/60"
            >
              <RunStatusPill status={run.status} />
              <span className="ml-auto text-ink-2">
                <ElapsedTime startedAt={run.startedAt} finishedAt={run.finishedAt} />
              </span>
              <span className="w-22 text-right text-ink-2">
                <TimeAgo at={run.createdAt} />
              </span>
            </Link>
          </li>
        ))}
      </KeyboardList>
    )}
  </Section>
);
