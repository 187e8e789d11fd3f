import type { ScheduleDetail } from '@everwave/schema/api';
import { Pause, Play, Rewind, SkipForward } from 'lucide-react';
import type { ReactNode } from 'react';
import { Form, Link } from 'react-router';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { useMay } from '#app/shell/use-me.ts';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { inZone, timesInWords } from './times-in-words.ts';

const overlapWords: Readonly<Record<ScheduleDetail['overlap'], string>> = {
  skip: 'skips a time while the last run is under way',
  bufferOne: 'waits for the last run, once',
  bufferAll: 'waits for the last run, each time',
  allow: 'starts beside the last run',
};

/** One schedule: where it stands, when it fires next, and what can be done with it. Works without script. */
export const ScheduleCard = ({ schedule }: { readonly schedule: ScheduleDetail }) => {
  const { id, flowId, flowName, timeZone, overlap, pause, lastFire, nextTimes, lastError } = schedule;
  const mayPause = useMay('flows:publish');
  const mayRun = useMay('runs:start') && schedule.flowStatus === 'active';
  return (
    <Section title={`${timesInWords(schedule)} · ${timeZone}`} actions={<State schedule={schedule} />}>
      <p className="text-ink-2">
        <Link to={`/workflows/${flowId}`} className="prose-link">
          {flowName}
        </Link>{' '}
        {overlapWords[overlap]}.{' '}
        {lastFire ? (
          <>
            Last fired for {inZone(lastFire.scheduledAt, timeZone)}:{' '}
            {lastFire.runId === null ? (
              lastFire.status
            ) : (
              <Link to={`/runs/${lastFire.runId}`} className="prose-link">
                its run
              </Link>
            )}
            .
          </>
        ) : (
          'It has not fired yet.'
        )}
      </p>
      {pause ? (
        <p className="mt-2 [overflow-wrap:anywhere]">
          Paused <TimeAgo at={pause.at} /> by {pause.by}: {pause.reason}
        </p>
      ) : null}
      {lastError === null ? null : (
        <p className="mt-2 text-warn">Temporal was not told of the last change yet. It is tried again by itself.</p>
      )}
      <h3 className="mt-4 mb-1 text-xs font-medium">{pause ? 'Next times, were it not paused' : 'Next times'}</h3>
      {nextTimes === null ? (
        <p className="text-xs text-ink-2">Temporal computes them, and does not say them now.</p>
      ) : (
        <ol className="tabular grid grid-cols-[repeat(auto-fill,minmax(190px,1fr))] gap-x-4 gap-y-0.5 text-xs">
          {nextTimes.map((at) => (
            <li key={at}>
              <time dateTime={at} title={at}>
                {inZone(at, timeZone)}
              </time>
            </li>
          ))}
        </ol>
      )}
      <div className="mt-4 flex flex-wrap items-start gap-2">
        {mayPause && pause ? (
          <Deed id={id} intent="resume">
            <Button type="submit" size="sm" icon={<Play size={14} aria-hidden />}>
              Resume
            </Button>
          </Deed>
        ) : null}
        {mayRun ? (
          <Deed id={id} intent="trigger">
            <Button type="submit" size="sm" icon={<SkipForward size={14} aria-hidden />}>
              Run now
            </Button>
          </Deed>
        ) : null}
      </div>
      {mayPause && !pause ? (
        <Folded words="Pause">
          <Deed id={id} intent="pause">
            <TextField label="Reason" name="reason" required maxLength={500} hint="Whoever looks here next reads it." />
            <Button type="submit" size="sm" className="mt-3" icon={<Pause size={14} aria-hidden />}>
              Pause the schedule
            </Button>
          </Deed>
        </Folded>
      ) : null}
      {mayRun ? (
        <Folded words="Make up for times that have passed">
          <Deed id={id} intent="backfill">
            <div className="grid gap-3 sm:grid-cols-2">
              <TextField label="From (UTC)" name="from" type="datetime-local" required />
              <TextField label="To (UTC)" name="to" type="datetime-local" required />
            </div>
            <p className="mt-1.5 text-xs text-ink-2">A run for each time that has none yet, at most 500.</p>
            <Button type="submit" size="sm" className="mt-3" icon={<Rewind size={14} aria-hidden />}>
              Start these runs
            </Button>
          </Deed>
        </Folded>
      ) : null}
    </Section>
  );
};

const State = ({ schedule: { pause, flowStatus, isApplied } }: { readonly schedule: ScheduleDetail }) => {
  if (pause) return <Pill tone="warn">Paused</Pill>;
  if (flowStatus !== 'active') return <Pill tone="quiet">Flow is off</Pill>;
  return isApplied ? <Pill tone="ok">On</Pill> : <Pill tone="info">Being set</Pill>;
};

interface DeedProps {
  readonly id: string;
  readonly intent: string;
  readonly children: ReactNode;
}

const Deed = ({ id, intent, children }: DeedProps) => (
  <Form method="post" preventScrollReset>
    <input type="hidden" name="id" value={id} />
    <input type="hidden" name="intent" value={intent} />
    {children}
  </Form>
);

const Folded = ({ words, children }: { readonly words: string; readonly children: ReactNode }) => (
  <details className="mt-3">
    <summary className="cursor-pointer rounded-sm py-1 text-xs font-medium text-burgundy select-none">{words}</summary>
    <div className="mt-2 max-w-[560px]">{children}</div>
  </details>
);
