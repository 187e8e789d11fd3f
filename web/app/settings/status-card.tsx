import type { SystemStatus } from '@everwave/schema/api';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Section } from '#app/components/data/section.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { formatDuration } from '#app/time/time-words.ts';
import { formatCount } from '#app/words/numbers.ts';

const Row = ({ name, ok, children }: { readonly name: string; readonly ok: boolean; readonly children: ReactNode }) => (
  <li className="flex items-start gap-3 py-1.5">
    {ok ? (
      <CircleCheck size={16} aria-hidden className="mt-0.5 shrink-0 text-ok" />
    ) : (
      <TriangleAlert size={16} aria-hidden className="mt-0.5 shrink-0 text-bad" />
    )}
    <div className="min-w-0 [overflow-wrap:anywhere]">
      <span className="font-medium">{name}</span> <span className="text-ink-2">{children}</span>
    </div>
  </li>
);

const answer = ({ ok, latencyMs }: { readonly ok: boolean; readonly latencyMs: number }): string =>
  ok ? `answers in ${formatDuration(latencyMs)}` : 'does not answer';

const mailWords = ({ isSet, waiting, gaveUp }: NonNullable<SystemStatus['mail']>): string =>
  [
    ...(isSet ? [] : ['no mail server is set']),
    formatCount(waiting, 'mail waits', 'mails wait'),
    ...(gaveUp > 0 ? [`${gaveUp} could not be sent today`] : []),
  ].join(' · ');

/** Whether everything this installation needs is there, and what waits. */
export const StatusCard = ({ status }: { readonly status: SystemStatus }) => {
  const { checks, workers, backlog, mail, problems, upSince } = status;
  const waiting = backlog
    ? [
        formatCount(backlog.queuedRuns, 'run waits', 'runs wait'),
        formatCount(backlog.heldDeliveries, 'event is held', 'events are held'),
        formatCount(backlog.collectingDeliveries, 'event waits for others', 'events wait for others'),
        formatCount(backlog.deadLetters, 'step needs a person', 'steps need a person'),
      ].join(' · ')
    : 'unknown';
  return (
    <Section title="Status">
      <p className="text-ink-2">{problems.length === 0 ? 'Everything answers.' : problems.join(' ')}</p>
      <ul className="tabular mt-2 text-xs">
        <Row name="API" ok>
          up since <TimeAgo at={upSince} />
        </Row>
        <Row name="Postgres" ok={checks.postgres.ok}>
          {answer(checks.postgres)}
        </Row>
        <Row name="Temporal" ok={checks.temporal.ok}>
          {answer(checks.temporal)}
        </Row>
        <Row name="Workers" ok={workers !== null && workers.length > 0}>
          {workers === null
            ? 'unknown while Temporal is away'
            : workers.length === 0
              ? 'none'
              : formatCount(workers.length, 'worker')}
          {workers?.map(({ identity, queues, lastSeenAt }) => (
            <span key={identity} className="block">
              <code className="font-mono">{identity}</code> serves {queues.join(', ')}, heard of{' '}
              <TimeAgo at={lastSeenAt} />
            </span>
          ))}
        </Row>
        <Row name="Mail" ok={mail !== null && mail.oldestMs < 60_000 && (mail.isSet || mail.waiting === 0)}>
          {mail === null ? 'unknown' : mailWords(mail)}
        </Row>
        <Row name="Waiting" ok={backlog !== null && backlog.oldestQueuedMs < 60_000}>
          {waiting}
        </Row>
      </ul>
    </Section>
  );
};
