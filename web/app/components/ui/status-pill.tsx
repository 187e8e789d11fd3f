import type { RunStatus, StepStatus } from '@everwave/schema/run';
import {
  AlarmClock,
  Ban,
  Check,
  CircleDashed,
  FlaskConical,
  Hand,
  LoaderCircle,
  type LucideIcon,
  RotateCw,
  SkipForward,
  Split,
  X,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from '#app/words/class-names.ts';
import { runLooks, stepLooks, type Tone } from '#app/words/statuses.ts';

const icons: Readonly<Record<RunStatus | StepStatus, LucideIcon>> = {
  queued: CircleDashed,
  pending: CircleDashed,
  running: LoaderCircle,
  retrying: RotateCw,
  waiting: AlarmClock,
  needs_attention: Hand,
  succeeded: Check,
  failed: X,
  cancelled: Ban,
  skipped: SkipForward,
  superseded: Split,
  simulated: FlaskConical,
};

export const toneText: Readonly<Record<Tone, string>> = {
  quiet: 'text-ink-2',
  live: 'text-burgundy',
  info: 'text-info',
  warn: 'text-warn',
  ok: 'text-ok',
  bad: 'text-bad',
  attention: 'text-burgundy',
};

const toneGround: Readonly<Record<Tone, string>> = {
  quiet: 'bg-ink/6',
  live: 'bg-coral/14',
  // Over the surface of a card also where the pill lies on the page, whose cream is too dark for the text.
  info: 'bg-[color-mix(in_oklab,var(--info)_10%,var(--surface))]',
  warn: 'bg-[color-mix(in_oklab,var(--warn)_12%,var(--surface))]',
  ok: 'bg-[color-mix(in_oklab,var(--ok)_10%,var(--surface))]',
  bad: 'bg-[color-mix(in_oklab,var(--bad)_10%,var(--surface))]',
  attention: 'bg-coral/14 ring-1 ring-burgundy/45 ring-inset',
};

/** The icon alone: for places where the word stands beside it already. */
export const StatusIcon = ({ status, size }: { readonly status: RunStatus | StepStatus; readonly size: number }) => {
  const Icon = icons[status];
  return (
    <Icon
      size={size}
      strokeWidth={2.4}
      aria-hidden
      className={classNames('shrink-0', status === 'running' && 'motion-safe:animate-turn text-coral')}
    />
  );
};

interface PillProps {
  readonly tone: Tone;
  readonly icon?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

export const Pill = ({ tone, icon, children, className }: PillProps) => (
  <span
    className={classNames(
      'inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap',
      toneText[tone],
      toneGround[tone],
      className,
    )}
  >
    {icon}
    {children}
  </span>
);

export const RunStatusPill = ({ status }: { readonly status: RunStatus }) => (
  <Pill tone={runLooks[status].tone} icon={<StatusIcon status={status} size={13} />}>
    {runLooks[status].word}
  </Pill>
);

export const StepStatusPill = ({ status }: { readonly status: StepStatus }) => (
  <Pill tone={stepLooks[status].tone} icon={<StatusIcon status={status} size={13} />}>
    {stepLooks[status].word}
  </Pill>
);

/** Icon and word without a ground, for dense rows. */
export const StepStatusWord = ({ status }: { readonly status: StepStatus }) => (
  <span
    className={classNames(
      'inline-flex items-center gap-1.5 text-xs font-medium whitespace-nowrap',
      toneText[stepLooks[status].tone],
    )}
  >
    <StatusIcon status={status} size={13} />
    {stepLooks[status].word}
  </span>
);
