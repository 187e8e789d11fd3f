import { formatUsd, type Insights } from '@everwave/schema/api';
import { formatDuration } from '#app/time/time-words.ts';
import { formatShare } from '#app/words/numbers.ts';

interface FigureProps {
  readonly term: string;
  readonly value: string;
  readonly note: string;
}

const Figure = ({ term, value, note }: FigureProps) => (
  <div className="card flex flex-col px-4 py-3">
    <dt className="text-xs text-ink-2">{term}</dt>
    <dd className="tabular mt-0.5 text-lg font-semibold tracking-[-0.01em]">{value}</dd>
    <dd className="tabular text-xs text-ink-2">{note}</dd>
  </div>
);

/** The window in four figures. */
export const Figures = ({ total }: { readonly total: Insights['total'] }) => {
  const { runs, byStatus, successRate, p50Ms, p95Ms, usd } = total;
  const ended = byStatus.succeeded + byStatus.failed;
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Figure term="Runs" value={String(runs)} note={`${byStatus.needs_attention} need attention`} />
      <Figure
        term="Success rate"
        value={successRate === null ? '—' : formatShare(successRate)}
        note={`${byStatus.failed} of ${ended} failed`}
      />
      <Figure
        term="Time, half within"
        value={p50Ms === null ? '—' : formatDuration(p50Ms)}
        note={p95Ms === null ? 'nothing has ended' : `95 % within ${formatDuration(p95Ms)}`}
      />
      <Figure term="Cost" value={formatUsd(usd)} note={runs === 0 ? 'no runs' : `${formatUsd(usd / runs)} a run`} />
    </dl>
  );
};
