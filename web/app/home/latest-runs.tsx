import type { RunSummary } from '@everwave/schema/api';
import { Link } from 'react-router';
import { KeyboardList } from '#app/components/data/keyboard-list.tsx';
import { Section } from '#app/components/data/section.tsx';
import { RunRow } from '#app/runs/list/run-row.tsx';

export const LatestRuns = ({ runs }: { readonly runs: readonly RunSummary[] }) => (
  <Section
    title="What happened"
    flush
    actions={
      <Link to="/runs" className="prose-link text-xs">
        All runs
      </Link>
    }
  >
    <div className="@container">
      <KeyboardList label="Latest runs">
        {runs.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
      </KeyboardList>
    </div>
  </Section>
);
