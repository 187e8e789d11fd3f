import type { RepairJob } from '@everwave/schema/api';
import { Ban, Check, LoaderCircle, OctagonX, type LucideIcon } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useFetcher, useRevalidator } from 'react-router';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { useMay } from '#app/shell/use-me.ts';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { formatCount } from '#app/words/numbers.ts';
import type { Tone } from '#app/words/statuses.ts';
import type { action } from './route.tsx';

const looks: Readonly<
  Record<RepairJob['status'], { readonly word: string; readonly tone: Tone; readonly icon: LucideIcon }>
> = {
  canary: { word: 'Trying the first one', tone: 'live', icon: LoaderCircle },
  running: { word: 'Repairing', tone: 'live', icon: LoaderCircle },
  done: { word: 'Done', tone: 'ok', icon: Check },
  stopped: { word: 'Stopped', tone: 'bad', icon: OctagonX },
  cancelled: { word: 'Cancelled', tone: 'quiet', icon: Ban },
};

const deeds: Readonly<Record<RepairJob['action'], string>> = {
  retry: 'Retry',
  complete: 'Complete by hand',
  skip: 'Skip',
  fail: 'Fail the runs',
};

/** Milliseconds between looks while something is under way. */
const interval = 1_000;

/** How far a repair has come. Looks again by itself until nothing is under way. */
export const JobCard = ({ job }: { readonly job: RepairJob }) => {
  const { revalidate, state } = useRevalidator();
  const fetcher = useFetcher<typeof action>();
  const mayRepair = useMay('deadLetters:repair');
  const isOpen = job.finishedAt === null;
  const isLive = job.settledAt === null;
  useEffect(() => {
    if (!isLive || state !== 'idle') return;
    const timer = setTimeout(() => void revalidate(), interval);
    return () => clearTimeout(timer);
  }, [isLive, state, revalidate, job]);

  // The group was read beside the job, maybe a moment before it: what the last letter came to is looked at once more.
  const wasLive = useRef(isLive);
  useEffect(() => {
    if (wasLive.current && !isLive) void revalidate();
    wasLive.current = isLive;
  }, [isLive, revalidate]);

  const { counts } = job;
  const { word, tone, icon: Icon } = looks[job.status];
  const settled = counts.total - counts.waiting - counts.underWay;
  const figures = [
    ['Repaired', counts.repaired],
    ['Under way', counts.underWay],
    ['Waiting', counts.waiting],
    ['Failed again', counts.failedAgain],
    ['Refused', counts.refused],
    ['Decided by others', counts.skipped],
    ['Untouched', counts.untouched],
  ] as const;
  const problem = fetcher.data && !fetcher.data.ok ? fetcher.data.problem : null;
  return (
    <Section
      title={`${deeds[job.action]}: ${formatCount(job.counts.total, 'step')}`}
      actions={
        <Pill tone={tone} icon={<Icon size={13} aria-hidden className={isOpen ? 'motion-safe:animate-turn' : ''} />}>
          {word}
        </Pill>
      }
    >
      <p className="text-xs text-ink-2">
        Asked for by {job.requestedBy.name} <TimeAgo at={job.createdAt} />
        {job.cancelledBy ? `, cancelled by ${job.cancelledBy}` : ''}
      </p>
      <progress
        className="mt-3 h-2 w-full overflow-hidden rounded-full accent-[var(--coral)]"
        value={settled}
        max={Math.max(1, counts.total)}
        aria-label="Steps that have come to something"
      />
      <dl role="status" className="mt-3 flex flex-wrap gap-x-6 gap-y-2 tabular-nums">
        {figures
          .filter(([name, count]) => count > 0 || name === 'Repaired')
          .map(([name, count]) => (
            <div key={name}>
              <dt className="text-xs text-ink-2">{name}</dt>
              <dd className="text-base font-semibold">{count}</dd>
            </div>
          ))}
      </dl>
      {job.reason ? <p className="mt-3 [overflow-wrap:anywhere]">{job.reason}</p> : null}
      {problem ? (
        <div className="mt-3">
          <ProblemNotice problem={problem} />
        </div>
      ) : null}
      {isOpen && mayRepair ? (
        <fetcher.Form method="post" className="mt-4">
          <input type="hidden" name="intent" value="cancel" />
          <input type="hidden" name="jobId" value={job.id} />
          <Button type="submit" size="sm" disabled={fetcher.state !== 'idle'}>
            Stop before the next one
          </Button>
        </fetcher.Form>
      ) : null}
    </Section>
  );
};
