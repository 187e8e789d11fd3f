import type { RunSummary } from '@everwave/schema/api';
import { useState } from 'react';
import { Link } from 'react-router';
import { Section } from '#app/components/data/section.tsx';
import { RunStatusPill } from '#app/components/ui/status-pill.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { useNow } from '#app/time/use-now.ts';
import { classNames } from '#app/words/class-names.ts';
import { runLooks, type Tone } from '#app/words/statuses.ts';
import { elapsed, formatDuration } from '#app/time/time-words.ts';
import { toPulseBars } from './pulse-bars.ts';

/** Colour and pattern: a state that is not fine also looks different without colour. */
const barLook: Readonly<Record<Tone, string>> = {
  ok: 'bg-ok/75 group-hover:bg-ok',
  live: 'bg-coral motion-safe:animate-beat',
  info: 'bg-info/60',
  warn: 'bg-warn',
  quiet: 'bg-line-strong',
  bad: 'bg-bad bg-[repeating-linear-gradient(135deg,transparent_0_3px,var(--surface)_3px_4.5px)]',
  attention: 'bg-burgundy ring-2 ring-coral/60',
};

/** The last runs as one strip: how tall, how long; how it looks, how it went. */
export const PulseCard = ({ runs }: { readonly runs: readonly RunSummary[] }) => {
  const now = useNow('calm');
  const [pointed, setPointed] = useState<RunSummary | null>(null);
  const shown = pointed ?? runs[0];
  const bars = toPulseBars(runs, now);
  const took = shown ? elapsed(shown.startedAt, shown.finishedAt, now) : null;
  return (
    <Section title={runs.length === 1 ? 'The last run' : `The last ${runs.length} runs`}>
      <ul className="flex h-24 items-end gap-[3px]" onMouseLeave={() => setPointed(null)}>
        {bars.map(({ run, height }) => (
          <li key={run.id} className="h-full min-w-0 max-w-4 flex-1">
            <Link
              to={`/runs/${run.id}`}
              aria-label={`${run.flowName}: ${runLooks[run.status].word}`}
              onMouseEnter={() => setPointed(run)}
              onFocus={() => setPointed(run)}
              className="group flex h-full items-end rounded-sm"
            >
              <span
                className={classNames(
                  'block w-full rounded-t-[3px] transition-[height] duration-200 ease-out',
                  barLook[runLooks[run.status].tone],
                )}
                style={{ height: `${height * 100}%` }}
              />
            </Link>
          </li>
        ))}
      </ul>
      {shown ? (
        <p className="mt-3 flex min-h-6 flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-2" aria-hidden>
          <RunStatusPill status={shown.status} />
          <span className="font-medium text-ink">{shown.flowName}</span>
          <TimeAgo at={shown.createdAt} />
          {took === null ? null : <span>{formatDuration(took)}</span>}
        </p>
      ) : null}
    </Section>
  );
};
