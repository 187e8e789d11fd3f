import type { AuditEvent } from '@everwave/schema/api';
import { Link } from 'react-router';
import { Section } from '#app/components/data/section.tsx';
import { AuditRow } from '#app/settings/audit/audit-row.tsx';

/** Who changed what of this flow, and when; the newest first. */
export const HistoryCard = ({
  flowId,
  entries,
}: {
  readonly flowId: string;
  readonly entries: readonly AuditEvent[];
}) => (
  <Section
    title="History"
    flush
    actions={
      <Link to={`/settings/audit?target=${flowId}`} className="prose-link text-xs">
        All in the audit log
      </Link>
    }
  >
    {entries.length === 0 ? (
      <p className="px-5 py-4 text-ink-2">Nobody has changed this flow yet.</p>
    ) : (
      <ul className="divide-y divide-line" aria-label="Changes">
        {entries.map((entry) => (
          <AuditRow key={entry.number} entry={entry} />
        ))}
      </ul>
    )}
  </Section>
);
