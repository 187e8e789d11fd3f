import type { DeliverySummary } from '@everwave/schema/api';
import {
  ArrowRightCircle,
  CirclePause,
  CircleSlash,
  Hourglass,
  Layers,
  LoaderCircle,
  type LucideIcon,
  ShieldX,
} from 'lucide-react';
import { Pill } from '#app/components/ui/status-pill.tsx';
import type { Tone } from '#app/words/statuses.ts';

interface Look {
  readonly word: string;
  readonly tone: Tone;
  readonly icon: LucideIcon;
}

const looks: Readonly<Record<DeliverySummary['status'], Look>> = {
  held: { word: 'Held', tone: 'warn', icon: CirclePause },
  collecting: { word: 'Waits for others', tone: 'info', icon: Layers },
  pending: { word: 'Starting', tone: 'live', icon: LoaderCircle },
  dispatched: { word: 'Started a run', tone: 'ok', icon: ArrowRightCircle },
  rejected: { word: 'Refused', tone: 'bad', icon: ShieldX },
  skipped: { word: 'Skipped', tone: 'quiet', icon: CircleSlash },
};

const waits: Look = { word: 'Waits for a place', tone: 'warn', icon: Hourglass };

export const DeliveryState = ({ status, waitsForPlace }: Pick<DeliverySummary, 'status' | 'waitsForPlace'>) => {
  const { word, tone, icon: Icon } = waitsForPlace ? waits : looks[status];
  return (
    <Pill tone={tone} icon={<Icon size={13} strokeWidth={2.4} aria-hidden />}>
      {word}
    </Pill>
  );
};
