import { formatDuration } from './time-words.ts';
import { useNow } from './use-now.ts';

/** `in 12 s`, counting down to a moment; `now` once it has come. */
export const CountDown = ({ until }: { readonly until: string }) => {
  const left = Date.parse(until) - useNow('quick');
  return <span className="tabular">{left > 0 ? `in ${formatDuration(Math.ceil(left / 1_000) * 1_000)}` : 'now'}</span>;
};
