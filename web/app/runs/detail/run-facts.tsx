import type { Run } from '@everwave/schema/api';
import { Section } from '#app/components/data/section.tsx';
import { CopyButton } from '#app/components/ui/copy-button.tsx';

const Fact = ({ term, value }: { readonly term: string; readonly value: string | null }) =>
  value === null ? null : (
    <div className="flex min-h-8 items-center gap-4">
      <dt className="w-36 shrink-0 text-ink-2">{term}</dt>
      <dd className="flex min-w-0 flex-1 items-center justify-between gap-1">
        <span className="truncate font-mono" title={value}>
          {value}
        </span>
        <CopyButton text={value} label={`Copy: ${term}`} />
      </dd>
    </div>
  );

/** The names under which others know this run: Temporal, the logs, the stored plan. */
export const RunFacts = ({ run }: { readonly run: Run }) => (
  <Section title="For operators">
    <dl className="-my-1 text-xs">
      <Fact term="Workflow ID" value={run.workflowId} />
      <Fact term="Temporal run ID" value={run.temporalRunId} />
      <Fact term="Request id" value={run.requestId} />
      <Fact term="Plan" value={run.planHash} />
      <Fact term="Engine" value={`v${run.engineVersion}, plan v${run.planVersion}`} />
    </dl>
  </Section>
);
