import { type FlowInsights, formatUsd } from '@everwave/schema/api';
import { Link } from 'react-router';
import { Section } from '#app/components/data/section.tsx';
import { formatDuration } from '#app/time/time-words.ts';
import { classNames } from '#app/words/class-names.ts';
import { formatCount, formatShare } from '#app/words/numbers.ts';
import { outcomes, outcomesOf } from './chart-bars.ts';
import { outcomeLooks } from './outcome-looks.ts';

interface FlowTableProps {
  readonly flows: readonly FlowInsights[];
  readonly days: number;
}

/** Flows with the most runs: how they went, how long they took, what they cost. */
export const FlowTable = ({ flows, days }: FlowTableProps) => (
  <Section title="Flows" flush>
    <ul>
      {flows.map((flow) => (
        <li
          key={flow.flowId}
          className="relative grid gap-x-4 gap-y-1.5 border-b border-line px-5 py-3 last:border-b-0 hover:bg-sunken/60 sm:grid-cols-[minmax(0,1fr)_160px_230px] sm:items-center"
        >
          <div className="min-w-0">
            <Link
              to={`/insights?days=${days}&flowId=${flow.flowId}`}
              className="rounded-sm font-semibold [overflow-wrap:anywhere] after:absolute after:inset-0 after:content-['']"
            >
              {flow.flowName}
            </Link>
            <p className="tabular text-xs text-ink-2">
              {formatCount(flow.runs, 'run')}
              {flow.successRate === null ? '' : ` · ${formatShare(flow.successRate)} succeeded`}
            </p>
          </div>
          <OutcomeBar flow={flow} />
          <p className="tabular text-xs text-ink-2 sm:text-right">
            {flow.p50Ms === null || flow.p95Ms === null
              ? 'none ended'
              : `${formatDuration(flow.p50Ms)} · 95 % ${formatDuration(flow.p95Ms)}`}
            <span className="ml-3 inline-block min-w-16 text-ink">{formatUsd(flow.usd)}</span>
          </p>
        </li>
      ))}
    </ul>
  </Section>
);

const OutcomeBar = ({ flow }: { readonly flow: FlowInsights }) => {
  const counts = outcomesOf(flow);
  return (
    <span aria-hidden className="flex h-2.5 overflow-hidden rounded-full bg-sunken">
      {outcomes
        .filter((outcome) => counts[outcome] > 0)
        .map((outcome) => (
          <span
            key={outcome}
            title={`${outcomeLooks[outcome].word}: ${counts[outcome]}`}
            className={classNames('block h-full', outcomeLooks[outcome].fill)}
            style={{ width: `${(counts[outcome] / flow.runs) * 100}%` }}
          />
        ))}
    </span>
  );
};
