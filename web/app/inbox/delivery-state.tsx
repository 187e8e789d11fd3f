import type { DeliverySummary } from '@everwave/schema/api';
import { ArrowRightCircle, CirclePause, LoaderCircle, type LucideIcon, ShieldX } from 'lucide-react';
import { Pill } from '#app/components/ui/status-pill.tsx';
import type { Tone } from '#app/words/statuses.ts';

const looks: Readonly<
  Record<DeliverySummary['status'], { readonly word: string; readonly tone: Tone; readonly icon: LucideIcon }>
> = {
  held: { word: 'Held', tone: 'warn', icon: CirclePause },
  pending: { word: 'Starting', tone: 'live', icon: LoaderCircle },
  dispatched: { word: 'Started a run', tone: 'ok', icon: ArrowRightCircle },
  rejected: { word: 'Refused', tone: 'bad', icon: ShieldX },
};

export const DeliveryState = ({ status }: { readonly status: DeliverySummary['status'] }) => {
  const { word, tone, icon: Icon } = looks[status];
  return (
    <Pill tone={tone} icon={<Icon size={13} strokeWidth={2.4} aria-hidden />}>
      {word}
    </Pill>
  );
};
