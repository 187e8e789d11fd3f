import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { PageProblem } from '#app/api/api-error.ts';
import { classNames } from '#app/words/class-names.ts';

type NoticeTone = 'info' | 'ok' | 'warn' | 'bad';

const looks = {
  info: { icon: Info, className: 'border-info/30 bg-info/8', text: 'text-info' },
  ok: { icon: CircleCheck, className: 'border-ok/30 bg-ok/8', text: 'text-ok' },
  warn: { icon: TriangleAlert, className: 'border-warn/30 bg-warn/8', text: 'text-warn' },
  bad: { icon: CircleAlert, className: 'border-bad/30 bg-bad/8', text: 'text-bad' },
} as const;

interface NoticeProps {
  readonly tone: NoticeTone;
  readonly title: string;
  readonly children?: ReactNode;
  readonly role?: 'alert' | 'status';
}

export const Notice = ({ tone, title, children, role }: NoticeProps) => {
  const { icon: Icon, className, text } = looks[tone];
  return (
    <div role={role} className={classNames('flex gap-3 rounded-lg border px-4 py-3', className)}>
      <Icon size={17} className={classNames('mt-0.5 shrink-0', text)} aria-hidden />
      <div className="min-w-0 flex-1">
        <p className={classNames('font-medium', text)}>{title}</p>
        {children ? <div className="mt-0.5 text-ink [overflow-wrap:anywhere]">{children}</div> : null}
      </div>
    </div>
  );
};

/** A refusal of the api, where the person was working: what, where, and the id to find it by. */
export const ProblemNotice = ({ problem }: { readonly problem: PageProblem }) => (
  <Notice tone="bad" title={problem.title} role="alert">
    <p>{problem.detail}</p>
    {problem.errors.length > 0 ? (
      <ul className="mt-1.5 list-disc space-y-0.5 pl-4">
        {problem.errors.map((error) => (
          <li key={`${error.path} ${error.message}`}>
            {error.path ? <code className="font-mono text-xs">{error.path}</code> : null} {error.message}
          </li>
        ))}
      </ul>
    ) : null}
    <p className="mt-1.5 font-mono text-xs text-ink-2">request {problem.requestId}</p>
  </Notice>
);
