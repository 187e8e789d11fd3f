import { formatUsd, type Insights } from '@everwave/schema/api';
import { Section } from '#app/components/data/section.tsx';
import { bucketWord } from './bucket-words.ts';

/** What the runs have cost, by list prices, day by day. */
export const CostCard = ({ insights: { series, total, bucket } }: { readonly insights: Insights }) => {
  const most = Math.max(...series.map(({ usd }) => usd), Number.EPSILON);
  return (
    <Section title="Cost">
      {total.usd === 0 ? (
        <p className="text-ink-2">
          Nothing with a price ran in this time. Steps that call a model show what they cost.
        </p>
      ) : (
        <>
          <ul className="flex h-30 items-end gap-[3px] border-b border-line">
            {series.map(({ at, usd }) => (
              <li
                key={at}
                className="flex h-full min-w-0 flex-1 items-end"
                title={`${bucketWord(at, bucket)}: ${formatUsd(usd)}`}
              >
                <span className="sr-only">{`${bucketWord(at, bucket)}: ${formatUsd(usd)}`}</span>
                <span
                  aria-hidden
                  className="block w-full rounded-t-[3px] bg-burgundy/70"
                  style={{ height: `${(usd / most) * 100}%` }}
                />
              </li>
            ))}
          </ul>
          <p className="tabular mt-3 text-xs text-ink-2">
            {formatUsd(total.usd)} in all, by the price list: an estimate.
          </p>
        </>
      )}
    </Section>
  );
};
