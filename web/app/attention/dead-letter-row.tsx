import type { DeadLetter } from '@everwave/schema/api';
import { CircleHelp } from 'lucide-react';
import { Link } from 'react-router';
import { Pill, StepStatusPill } from '#app/components/ui/status-pill.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { formatCount } from '#app/words/numbers.ts';
import { failureTitle } from '#app/words/statuses.ts';

const resolutionWords: Readonly<Record<NonNullable<DeadLetter['resolution']>, string>> = {
  retried: 'Retried',
  completed: 'Completed by hand',
  skipped: 'Skipped',
  run_failed: 'Run failed',
  run_cancelled: 'Run cancelled',
  expired: 'Waited too long',
  superseded: 'Started again',
};

/** One step that gave up: where, why, what to do; the row leads to it in its run. */
export const DeadLetterRow = ({
  letter,
  to = `/runs/${letter.runId}?step=${encodeURIComponent(letter.path)}`,
}: {
  readonly letter: DeadLetter;
  readonly to?: string;
}) => (
  <li>
    <Link
      to={to}
      data-row
      prefetch="intent"
      className="grid grid-cols-1 gap-x-6 gap-y-1.5 px-5 py-4 -outline-offset-2 transition-colors duration-120 hover:bg-sunken/60 md:grid-cols-[minmax(0,1fr)_auto]"
    >
      <span className="min-w-0">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-semibold">{failureTitle(letter.failure.name)}</span>
          <span className="text-ink-2">
            at <span className="font-mono text-xs">{letter.path}</span> in {letter.flowName}
          </span>
        </span>
        <span className="mt-1 block [overflow-wrap:anywhere]">{letter.failure.message}</span>
        {letter.dismissal ? (
          <span className="mt-0.5 block text-ink-2">
            Dismissed by {letter.dismissal.by}: {letter.dismissal.reason}
          </span>
        ) : letter.failure.advice ? (
          <span className="mt-0.5 block text-ink-2">{letter.failure.advice}</span>
        ) : null}
      </span>
      <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-2 md:flex-col md:items-end">
        {letter.resolution ? (
          <Pill tone="quiet">
            {resolutionWords[letter.resolution]}
            {letter.resolvedBy ? ` by ${letter.resolvedBy}` : ''}
          </Pill>
        ) : letter.failure.unsure ? (
          <Pill tone="attention" icon={<CircleHelp size={13} aria-hidden />}>
            May have happened
          </Pill>
        ) : (
          <StepStatusPill status="needs_attention" />
        )}
        <span>
          {formatCount(letter.attempts, 'attempt')} · <TimeAgo at={letter.resolvedAt ?? letter.openedAt} />
        </span>
      </span>
    </Link>
  </li>
);
