import type { Run } from '@everwave/schema/api';
import { StatusIcon } from '#app/components/ui/status-pill.tsx';
import { classNames } from '#app/words/class-names.ts';
import { iterationWord } from '#app/words/iteration.ts';
import { stepLooks } from '#app/words/statuses.ts';
import { elapsed, formatDuration } from '#app/time/time-words.ts';
import { useNow } from '#app/time/use-now.ts';
import { axisMarks, type TimelineSegment, toTimeline } from './timeline-rows.ts';

const segmentLook: Readonly<Record<TimelineSegment['kind'], string>> = {
  running: 'bg-coral motion-safe:animate-beat',
  succeeded: 'bg-ok',
  failed: 'bg-bad bg-[repeating-linear-gradient(135deg,transparent_0_4px,var(--surface)_4px_5.5px)]',
  deferred: 'bg-warn/60',
  cancelled: 'bg-line-strong',
  wait: 'h-px! self-center border-t border-dashed border-ink-2',
};

interface TimelineProps {
  readonly run: Run;
  readonly selectedPath: string | null;
  readonly onSelect: (path: string) => void;
}

/** When each step ran and how long it took, attempt by attempt. */
export const RunTimeline = ({ run, selectedPath, onSelect }: TimelineProps) => {
  const now = useNow(run.finishedAt === null ? 'quick' : 'stopped');
  const { startedAt, endsAt, rows } = toTimeline(run, now);
  if (rows.length === 0) return <p className="px-5 py-4 text-ink-2">No step has started yet.</p>;
  const span = endsAt - startedAt;
  return (
    <div className="px-3 pt-1 pb-3 text-xs">
      <ul aria-label="Steps in the order in which they started">
        {rows.map(({ key, path, step, segments }) => {
          const took = elapsed(step.startedAt ?? step.finishedAt, step.finishedAt, now);
          return (
            <li key={key}>
              <button
                type="button"
                aria-pressed={path === selectedPath}
                onClick={() => onSelect(path)}
                className={classNames(
                  'grid w-full grid-cols-[minmax(0,130px)_minmax(0,1fr)_72px] items-center gap-3 rounded-md px-2 py-1 text-left -outline-offset-2 sm:grid-cols-[minmax(0,170px)_minmax(0,1fr)_76px]',
                  path === selectedPath ? 'bg-coral/12' : 'hover:bg-sunken',
                )}
              >
                <span className="truncate">
                  {step.title}
                  {iterationWord(path) ? <span className="text-ink-2"> {iterationWord(path)}</span> : null}
                  {step.ordinal > 1 ? <span className="text-ink-2"> again</span> : null}
                  <span className="sr-only">, {stepLooks[step.status].word}, </span>
                </span>
                <span className="relative flex h-4 rounded-sm bg-ink/5">
                  {segments.map((segment) => (
                    <span
                      key={`${segment.kind}${segment.from}`}
                      title={segment.label}
                      className={classNames(
                        'absolute h-4 rounded-sm',
                        segmentLook[segment.kind],
                        segment.kind === 'wait' && 'top-1/2',
                      )}
                      style={{
                        left: `${segment.from * 100}%`,
                        width: `max(3px, ${(segment.to - segment.from) * 100}%)`,
                      }}
                    />
                  ))}
                </span>
                <span className="tabular flex justify-end whitespace-nowrap text-ink-2">
                  {step.status === 'needs_attention' || step.status === 'skipped' ? (
                    <StatusIcon status={step.status} size={13} />
                  ) : took === null ? (
                    '–'
                  ) : (
                    formatDuration(took)
                  )}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      <div
        aria-hidden
        className="mt-1 grid grid-cols-[minmax(0,130px)_minmax(0,1fr)_72px] gap-3 px-2 sm:grid-cols-[minmax(0,170px)_minmax(0,1fr)_76px]"
      >
        <span />
        <span className="tabular @container relative h-5 border-t border-line text-ink-2">
          {axisMarks(span).map((mark) => (
            <span
              key={mark}
              className="absolute top-0.5 -translate-x-1/2 whitespace-nowrap first:translate-x-0 not-first:not-last:@max-2xs:hidden"
              style={{ left: `${(mark / span) * 100}%` }}
            >
              {formatDuration(mark)}
            </span>
          ))}
        </span>
      </div>
    </div>
  );
};
