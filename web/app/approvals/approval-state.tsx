import type { Approval } from '@everwave/schema/api';
import { CircleCheck, CircleX, Clock, Hand, MinusCircle } from 'lucide-react';
import { Pill } from '#app/components/ui/status-pill.tsx';

const looks = {
  open: { tone: 'attention', icon: Hand, word: 'Waits for an answer' },
  approved: { tone: 'ok', icon: CircleCheck, word: 'Approved' },
  rejected: { tone: 'bad', icon: CircleX, word: 'Rejected' },
  timed_out: { tone: 'quiet', icon: Clock, word: 'Not answered in time' },
  closed: { tone: 'quiet', icon: MinusCircle, word: 'Closed' },
} as const;

export const ApprovalState = ({ status }: { readonly status: Approval['status'] }) => {
  const { tone, icon: Icon, word } = looks[status];
  return (
    <Pill tone={tone} icon={<Icon size={13} aria-hidden />}>
      {word}
    </Pill>
  );
};
