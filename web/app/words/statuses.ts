import type { RunStatus, StepStatus } from '@everwave/schema/run';

/** How a state is coloured. Never alone: each state also has its own icon and word. */
export type Tone = 'quiet' | 'live' | 'info' | 'warn' | 'ok' | 'bad' | 'attention';

interface Look {
  readonly word: string;
  readonly tone: Tone;
}

export const runLooks: Readonly<Record<RunStatus, Look>> = {
  queued: { word: 'Queued', tone: 'quiet' },
  running: { word: 'Running', tone: 'live' },
  waiting: { word: 'Waiting', tone: 'info' },
  needs_attention: { word: 'Needs attention', tone: 'attention' },
  succeeded: { word: 'Succeeded', tone: 'ok' },
  failed: { word: 'Failed', tone: 'bad' },
  cancelled: { word: 'Cancelled', tone: 'quiet' },
  superseded: { word: 'Superseded', tone: 'quiet' },
};

export const stepLooks: Readonly<Record<StepStatus, Look>> = {
  pending: { word: 'Not run', tone: 'quiet' },
  running: { word: 'Running', tone: 'live' },
  retrying: { word: 'Retrying', tone: 'warn' },
  waiting: { word: 'Waiting', tone: 'info' },
  needs_attention: { word: 'Needs attention', tone: 'attention' },
  succeeded: { word: 'Done', tone: 'ok' },
  skipped: { word: 'Skipped', tone: 'quiet' },
  failed: { word: 'Failed', tone: 'bad' },
  cancelled: { word: 'Cancelled', tone: 'quiet' },
  simulated: { word: 'Simulated', tone: 'info' },
};

/** A failure's stable name as words: `channel_not_found` → `Channel not found`. */
export const failureTitle = (name: string): string => {
  const words = name
    .replaceAll('_', ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const triggerWords: Readonly<Record<string, string>> = {
  'trigger.webhook': 'Webhook',
  'trigger.manual': 'Started by hand',
  'trigger.schedule': 'Schedule',
};

export const triggerWord = (kind: string): string => triggerWords[kind] ?? failureTitle(kind.split('.').at(-1) ?? kind);
