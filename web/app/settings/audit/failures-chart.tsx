import type { SecurityOverview } from '@everwave/schema/api';
import { formatCount } from '#app/words/numbers.ts';

/** Failed sign-ins by day. What a bar says is also there as text. */
export const FailuresChart = ({ days }: { readonly days: SecurityOverview['days'] }) => {
  const most = Math.max(1, ...days.map(({ failedSignIns }) => failedSignIns));
  const total = days.reduce((sum, { failedSignIns }) => sum + failedSignIns, 0);
  const refusals = days.reduce((sum, day) => sum + day.refusals, 0);
  return (
    <>
      <ul className="flex h-20 items-end gap-[2px] border-b border-line" aria-label="Failed sign-ins by day">
        {days.map(({ day, failedSignIns }) => (
          <li key={day} className="flex h-full min-w-0 flex-1 items-end" title={`${day}: ${failedSignIns}`}>
            <span className="sr-only">{`${day}: ${failedSignIns}`}</span>
            <span
              aria-hidden
              className={failedSignIns > 0 ? 'block min-h-[2px] w-full rounded-t-[2px] bg-bad' : 'block h-px w-full'}
              style={failedSignIns > 0 ? { height: `${(failedSignIns / most) * 100}%` } : undefined}
            />
          </li>
        ))}
      </ul>
      <p className="tabular mt-2 text-xs text-ink-2">
        {total === 0 ? 'None' : formatCount(total, 'failed sign-in')} in 30 days, and{' '}
        {refusals === 0 ? 'nothing' : formatCount(refusals, 'request')} refused for want of a permission.
      </p>
    </>
  );
};
