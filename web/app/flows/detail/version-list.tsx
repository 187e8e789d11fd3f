import type { FlowVersionSummary } from '@everwave/schema/api';
import { Link } from 'react-router';
import { Section } from '#app/components/data/section.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';

interface VersionListProps {
  readonly flowId: string;
  readonly versions: readonly FlowVersionSummary[];
  /** Whether the draft differs from the live version. */
  readonly isDraftChanged: boolean;
}

export const VersionList = ({ flowId, versions, isDraftChanged }: VersionListProps) => (
  <Section
    title="Versions"
    flush
    actions={
      versions.length > 1 || (versions.length === 1 && isDraftChanged) ? (
        <Link to={`/workflows/${flowId}/compare`} className="prose-link text-sm">
          Compare, or go back
        </Link>
      ) : null
    }
  >
    {versions.length === 0 ? (
      <p className="px-5 py-4 text-ink-2">Nothing is published yet; only a published version runs.</p>
    ) : (
      <ul className="divide-y divide-line">
        {versions.map((version) => (
          <li key={version.version}>
            <Link
              to={version.live ? '?' : `?drawing=${version.version}`}
              preventScrollReset
              className="flex items-baseline gap-3 px-5 py-2 -outline-offset-2 hover:bg-sunken/60"
            >
              <span className="tabular w-18 shrink-0 font-medium">Version {version.version}</span>
              <span className="min-w-0 flex-1 truncate text-xs text-ink-2">{version.note || 'No note'}</span>
              {version.live ? <Pill tone="ok">Live</Pill> : null}
              <span className="shrink-0 text-xs text-ink-2">
                <TimeAgo at={version.publishedAt} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    )}
  </Section>
);
