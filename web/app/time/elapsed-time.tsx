import { elapsed, formatDuration } from './time-words.ts';
import { useNow } from './use-now.ts';

interface ElapsedTimeProps {
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** How long something took; counts up while it is still going on. */
export const ElapsedTime = ({ startedAt, finishedAt }: ElapsedTimeProps) => {
  const now = useNow(startedAt !== null && finishedAt === null ? 'quick' : 'stopped');
  const milliseconds = elapsed(startedAt, finishedAt, now);
  return (
    <span className="tabular whitespace-nowrap">{milliseconds === null ? '–' : formatDuration(milliseconds)}</span>
  );
};
