import type { RunAttempt, RunStep } from '@everwave/schema/api';
import { Ban, Check, Clock, LoaderCircle, type LucideIcon, X } from 'lucide-react';
import { ElapsedTime } from '#app/time/elapsed-time.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { CountDown } from '#app/time/count-down.tsx';
import { classNames } from '#app/words/class-names.ts';
import { failureTitle } from '#app/words/statuses.ts';

const looks: Readonly<
  Record<RunAttempt['status'], { readonly icon: LucideIcon; readonly word: string; readonly tone: string }>
> = {
  running: { icon: LoaderCircle, word: 'Running', tone: 'text-burgundy' },
  succeeded: { icon: Check, word: 'Succeeded', tone: 'text-ok' },
  failed: { icon: X, word: 'Failed', tone: 'text-bad' },
  deferred: { icon: Clock, word: 'Asked to come back later', tone: 'text-warn' },
  cancelled: { icon: Ban, word: 'Cancelled', tone: 'text-ink-2' },
};

interface AttemptListProps {
  readonly attempts: readonly RunAttempt[];
  readonly step: RunStep;
}

/** Every attempt with its own outcome. Temporal keeps the last failure only; this list keeps all. */
export const AttemptList = ({ attempts, step }: AttemptListProps) => (
  <ol className="space-y-3">
    {attempts.map((attempt, at) => {
      const { icon: Icon, word, tone } = looks[attempt.status];
      const isAgain = at > 0 && attempts[at - 1]?.ordinal !== attempt.ordinal;
      return (
        <li key={`${attempt.ordinal}.${attempt.attempt}`}>
          {isAgain ? (
            <p className="mb-3 border-t border-line pt-3 text-xs text-ink-2">Scheduled again by a person</p>
          ) : null}
          <div className="flex items-baseline gap-2">
            <Icon size={14} strokeWidth={2.4} aria-hidden className={classNames('shrink-0 self-center', tone)} />
            <span className="font-medium">Attempt {attempt.attempt}</span>
            <span className={classNames('text-xs', tone)}>{word}</span>
            <span className="ml-auto text-xs text-ink-2">
              <ElapsedTime startedAt={attempt.startedAt} finishedAt={attempt.finishedAt} />
              {' · '}
              <TimeAgo at={attempt.startedAt} />
            </span>
          </div>
          {attempt.failure ? (
            <p className="mt-0.5 ml-[22px] text-xs [overflow-wrap:anywhere]">
              <span className="font-medium">{failureTitle(attempt.failure.name)}.</span> {attempt.failure.message}
            </p>
          ) : null}
          {attempt.nextAttemptAt && at === attempts.length - 1 && step.status === 'retrying' ? (
            <p className="mt-0.5 ml-[22px] text-xs text-ink-2">
              Next attempt <CountDown until={attempt.nextAttemptAt} />
            </p>
          ) : null}
        </li>
      );
    })}
  </ol>
);
