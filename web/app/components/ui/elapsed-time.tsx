import { useEffect, useState } from 'react';
import { elapsed, formatDuration } from '#app/words/time.ts';

interface ElapsedTimeProps {
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** How long something took; counts up while it is still going on. */
export const ElapsedTime = ({ startedAt, finishedAt }: ElapsedTimeProps) => {
  const [now, setNow] = useState(() => Date.now());
  const isOpen = startedAt !== null && finishedAt === null;
  useEffect(() => {
    if (!isOpen) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [isOpen]);
  const milliseconds = elapsed(startedAt, finishedAt, now);
  return (
    <span suppressHydrationWarning className="tabular whitespace-nowrap">
      {milliseconds === null ? '–' : formatDuration(milliseconds)}
    </span>
  );
};
