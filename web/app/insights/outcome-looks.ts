import type { Outcome } from './chart-bars.ts';

interface OutcomeLook {
  readonly word: string;
  /** Colour, and a pattern for what is not fine: never colour alone. */
  readonly fill: string;
}

export const outcomeLooks: Readonly<Record<Outcome, OutcomeLook>> = {
  succeeded: { word: 'Succeeded', fill: 'bg-ok/75' },
  open: { word: 'Under way', fill: 'bg-info/60' },
  cancelled: { word: 'Cancelled', fill: 'bg-line-strong' },
  needs_attention: { word: 'Needs attention', fill: 'bg-burgundy ring-1 ring-inset ring-coral/70' },
  failed: {
    word: 'Failed',
    fill: 'bg-bad bg-[repeating-linear-gradient(135deg,transparent_0_3px,var(--surface)_3px_4.5px)]',
  },
};
