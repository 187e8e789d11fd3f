import type { Run } from '@everwave/schema/api';
import { Section } from '#app/components/data/section.tsx';
import { Moment } from '#app/time/moment.tsx';
import { classNames } from '#app/words/class-names.ts';

const clock: Intl.DateTimeFormatOptions = {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
};

const levels = {
  info: { word: 'info', tone: 'text-ink-2' },
  warn: { word: 'warn', tone: 'text-warn' },
  error: { word: 'error', tone: 'text-bad' },
} as const;

const logsInPage = 200;

/** What happened, line by line, as it was written down. */
export const RunLogs = ({ run }: { readonly run: Run }) => (
  <Section title="Log" flush>
    {run.logs.length === 0 ? (
      <p className="px-5 py-4 text-ink-2">Nothing was written down yet.</p>
    ) : (
      <div tabIndex={0} role="region" aria-label="Log lines" className="max-h-80 overflow-auto py-2 -outline-offset-2">
        <ol className="min-w-max font-mono text-xs leading-5">
          {run.logs.map((line) => (
            <li key={line.id} className="flex gap-3 px-5 hover:bg-sunken/60">
              <Moment at={line.at} format={clock} className="text-ink-2" />
              <span className={classNames('w-10', levels[line.level].tone)}>{levels[line.level].word}</span>
              <span className="w-28 truncate text-ink-2">{line.path ?? ''}</span>
              <span>
                {line.message}
                {Object.entries(line.attributes).map(([name, value]) => (
                  <span key={name} className="ml-3 text-ink-2">
                    {name}={typeof value === 'string' ? value : JSON.stringify(value)}
                  </span>
                ))}
              </span>
            </li>
          ))}
        </ol>
      </div>
    )}
    {run.logs.length >= logsInPage ? (
      <p className="border-t border-line px-5 py-2 text-xs text-ink-2">
        The first {logsInPage} lines.{' '}
        <a href={`/v1/runs/${run.id}/logs?limit=100`} className="prose-link">
          All lines as JSON
        </a>
      </p>
    ) : null}
  </Section>
);
