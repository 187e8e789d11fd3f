import { useEffect, useState } from 'react';
import { formatDuration } from '#app/words/time.ts';

/** `in 12 s`, counting down to a moment; `now` once it has come. */
export const CountDown = ({ until }: { readonly until: string }) => {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const left = Date.parse(until) - now;
  return (
    <span suppressHydrationWarning className="tabular">
      {left > 0 ? `in ${formatDuration(Math.ceil(left / 1_000) * 1_000)}` : 'now'}
    </span>
  );
};
