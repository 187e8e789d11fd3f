import type { Insights } from '@everwave/schema/api';
import { Section } from '#app/components/data/section.tsx';
import { formatDuration } from '#app/time/time-words.ts';
import { LineChart } from './line-chart.tsx';

/** How long runs took, from start to end, day by day. */
export const DurationsCard = ({ insights: { series, total } }: { readonly insights: Insights }) => (
  <Section title="How long runs take">
    {total.p50Ms === null || total.p95Ms === null ? (
      <p className="text-ink-2">No run has ended in this time.</p>
    ) : (
      <>
        <LineChart
          label={`Half of the runs took at most ${formatDuration(total.p50Ms)}, 95 percent at most ${formatDuration(total.p95Ms)}.`}
          lines={[
            { name: '95 %', values: series.map(({ p95Ms }) => p95Ms), stroke: 'text-warn', isDashed: true },
            { name: 'half', values: series.map(({ p50Ms }) => p50Ms), stroke: 'text-info' },
          ]}
        />
        <ul className="tabular mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-2">
          <li className="flex items-center gap-1.5">
            <span aria-hidden className="w-4 border-t-2 border-info" />
            half within {formatDuration(total.p50Ms)}
          </li>
          <li className="flex items-center gap-1.5">
            <span aria-hidden className="w-4 border-t-2 border-dashed border-warn" />
            95 % within {formatDuration(total.p95Ms)}
          </li>
        </ul>
      </>
    )}
  </Section>
);
