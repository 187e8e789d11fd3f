import { Pause, Radio, RefreshCw, WifiOff } from 'lucide-react';
import { classNames } from '#app/words/class-names.ts';
import { useLiveState } from './live-provider.tsx';

const looks = {
  connecting: { icon: RefreshCw, word: 'Connecting', hint: 'Opening the stream of changes.', tone: 'text-ink-2' },
  live: { icon: Radio, word: 'Live', hint: 'Changes appear on this page as they happen.', tone: 'text-ok' },
  polling: {
    icon: RefreshCw,
    word: 'Every 4 s',
    hint: 'The stream of changes is not available, so this page asks every few seconds.',
    tone: 'text-warn',
  },
  offline: {
    icon: WifiOff,
    word: 'Offline',
    hint: 'This browser has no network. What you see may be old.',
    tone: 'text-bad',
  },
  paused: { icon: Pause, word: 'Paused', hint: 'Updates wait while this tab is hidden.', tone: 'text-ink-2' },
} as const;

/** Says whether what is on the page is current. */
export const LiveIndicator = () => {
  const { mode } = useLiveState();
  const { icon: Icon, word, hint, tone } = looks[mode];
  return (
    <span
      role="status"
      title={hint}
      className={classNames('inline-flex items-center gap-1.5 text-xs font-medium', tone)}
    >
      <Icon size={14} aria-hidden className={mode === 'live' ? 'motion-safe:animate-beat' : undefined} />
      {word}
    </span>
  );
};
