import type { Insights } from '@everwave/schema/api';
import { useState } from 'react';
import { Section } from '#app/components/data/section.tsx';
import { classNames } from '#app/words/class-names.ts';
import { formatCount } from '#app/words/numbers.ts';
import { bucketWord } from './bucket-words.ts';
import { outcomes, outcomesOf, type StackedBar, toStackedBars } from './chart-bars.ts';
import { outcomeLooks } from './outcome-looks.ts';

const inWords = ({ runs, parts }: StackedBar): string =>
  [
    formatCount(runs, 'run'),
    ...parts.map(({ outcome, count }) => `${count} ${outcomeLooks[outcome].word.toLowerCase()}`),
  ]
    .slice(0, runs === 0 ? 1 : undefined)
    .join(', ');

/** Runs by day or hour, each bar stacked by how they went. What a bar says is also there as text. */
export const RunsChart = ({ insights }: { readonly insights: Insights }) => {
  const bars = toStackedBars(insights.series);
  const [pointed, setPointed] = useState<StackedBar | null>(null);
  const shown = pointed ?? bars.at(-1);
  const totals = outcomesOf(insights.total);
  return (
    <Section title={insights.bucket === 'hour' ? 'Runs by hour' : 'Runs by day'}>
      <p aria-hidden className="tabular mb-1 text-xs text-ink-2">
        {formatCount(Math.max(...bars.map(({ runs }) => runs)), 'run')} at most
      </p>
      <ul className="flex h-36 items-end gap-[3px] border-b border-line" onMouseLeave={() => setPointed(null)}>
        {bars.map((bar) => (
          <li key={bar.at} className="group flex h-full min-w-0 flex-1 items-end" onMouseEnter={() => setPointed(bar)}>
            <span className="sr-only">{`${bucketWord(bar.at, insights.bucket)}: ${inWords(bar)}`}</span>
            <span
              aria-hidden
              className="flex h-full w-full flex-col-reverse overflow-hidden rounded-t-[3px] transition-colors duration-120 group-hover:bg-sunken"
            >
              {bar.parts.map(({ outcome, height }) => (
                <span
                  key={outcome}
                  className={classNames('block min-h-[2px] w-full shrink-0', outcomeLooks[outcome].fill)}
                  style={{ height: `${height * 100}%` }}
                />
              ))}
            </span>
          </li>
        ))}
      </ul>
      {shown ? (
        <p className="tabular mt-2 min-h-5 text-xs text-ink-2" aria-hidden>
          <span className="font-medium text-ink">{bucketWord(shown.at, insights.bucket)}</span> {inWords(shown)}
        </p>
      ) : null}
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-2">
        {outcomes
          .filter((outcome) => totals[outcome] > 0)
          .map((outcome) => (
            <li key={outcome} className="flex items-center gap-1.5">
              <span aria-hidden className={classNames('size-2.5 rounded-[3px]', outcomeLooks[outcome].fill)} />
              {outcomeLooks[outcome].word} <span className="tabular">{totals[outcome]}</span>
            </li>
          ))}
      </ul>
    </Section>
  );
};
