import { type AuditEvent, auditSentence } from '@everwave/schema/api';
import { ChevronRight } from 'lucide-react';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { ChangeList } from '#app/components/values/change-list.tsx';

/** A sentence, and behind it everything the entry holds. */
export const AuditRow = ({ entry }: { readonly entry: AuditEvent }) => (
  <li>
    <details className="group">
      <summary className="flex cursor-pointer list-none items-baseline gap-3 px-5 py-3 hover:bg-sunken [&::-webkit-details-marker]:hidden">
        <ChevronRight
          size={14}
          aria-hidden
          className="mt-1 shrink-0 self-start text-ink-2 transition-transform duration-150 group-open:rotate-90"
        />
        <span className="min-w-0 flex-1 break-words">
          {auditSentence(entry).map(({ text, isName }, index) =>
            isName ? (
              <strong key={index} className="font-semibold">
                {text}
              </strong>
            ) : (
              <span key={index}>{text}</span>
            ),
          )}
        </span>
        <span className="shrink-0 text-xs text-ink-2">
          <TimeAgo at={entry.at} />
        </span>
      </summary>
      <div className="space-y-3 border-t border-line bg-sunken/50 px-5 py-4 sm:pl-12">
        {entry.changes ? <ChangeList changes={entry.changes} /> : null}
        <dl className="grid gap-x-4 gap-y-1 text-xs sm:grid-cols-[7rem_minmax(0,1fr)]">
          {factsOf(entry).map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink-2">{name}</dt>
              <dd className="mb-1 font-mono break-all sm:mb-0">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </details>
  </li>
);

const kinds: Readonly<Record<string, string>> = { user: 'person', apiKey: 'API key' };

const factsOf = (entry: AuditEvent): (readonly [string, string])[] => {
  const details = Object.entries(entry.details);
  const facts: (readonly [string, string | null])[] = [
    ['Entry', `${entry.number} · ${entry.action}`],
    ['When', entry.at],
    ['Who', `${kinds[entry.actor.kind] ?? entry.actor.kind} ${entry.actor.id}`],
    ['Done to', `${entry.target.kind.replaceAll('_', ' ')} ${entry.target.id}`],
    ['Details', details.map(([name, value]) => `${name}: ${inWords(value)}`).join(', ') || null],
    ['From', entry.address],
    ['With', entry.userAgent],
    ['Request id', entry.requestId],
    ['Hash', entry.hash],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
};

const inWords = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
