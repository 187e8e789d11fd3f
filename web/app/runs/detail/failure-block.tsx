import type { RunStep } from '@everwave/schema/api';
import type { StepStatus } from '@everwave/schema/run';
import { CircleHelp, Lightbulb } from 'lucide-react';
import { formatCount } from '#app/words/numbers.ts';
import { failureTitle } from '#app/words/statuses.ts';

interface FailureBlockProps {
  readonly failure: NonNullable<RunStep['failure']>;
  readonly status: StepStatus;
  readonly attempts: number;
}

const headline = (status: StepStatus, attempts: number): string => {
  if (status === 'needs_attention')
    return `Gave up after ${formatCount(Math.max(attempts, 1), 'attempt')}, and waits for you`;
  if (status === 'retrying') return 'The last attempt failed; another follows';
  return `Failed after ${formatCount(Math.max(attempts, 1), 'attempt')}`;
};

/** Why a step failed, in words: what happened, what to do, and whether anything may already have happened outside. */
export const FailureBlock = ({ failure, status, attempts }: FailureBlockProps) => (
  <div className="rounded-lg border border-bad/30 bg-bad/6 px-4 py-3">
    <p className="text-xs font-medium text-bad">{headline(status, attempts)}</p>
    <p className="mt-1 font-semibold">{failureTitle(failure.name)}</p>
    <p className="mt-0.5 [overflow-wrap:anywhere]">{failure.message}</p>
    {failure.advice ? (
      <p className="mt-2 flex gap-2">
        <Lightbulb size={16} aria-hidden className="mt-0.5 shrink-0 text-warn" />
        <span>
          <span className="sr-only">What to do: </span>
          {failure.advice}
        </span>
      </p>
    ) : null}
    {failure.unsure ? (
      <p className="mt-2 flex gap-2 font-medium">
        <CircleHelp size={16} aria-hidden className="mt-0.5 shrink-0 text-warn" />
        It is not known whether this step had its effect. Check at the service before you retry it.
      </p>
    ) : null}
    {failure.stack ? (
      <details className="mt-2 text-xs">
        <summary className="cursor-pointer rounded-sm text-ink-2">Where in the code</summary>
        <pre className="mt-1 max-h-56 overflow-auto font-mono whitespace-pre-wrap [overflow-wrap:anywhere]">
          {failure.stack}
        </pre>
      </details>
    ) : null}
  </div>
);
