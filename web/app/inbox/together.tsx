import type { DeliverySummary } from '@everwave/schema/api';
import { TimeAgo } from '#app/time/time-ago.tsx';

interface TogetherProps {
  readonly together: NonNullable<DeliverySummary['together']>;
  /** The run has started. */
  readonly isOver?: boolean;
}

/** Until when an event waits, and with how many others. */
export const Together = ({ together: { count, waitsUntil }, isOver = false }: TogetherProps) => {
  const others = count === 2 ? 'one other' : `${count - 1} others`;
  if (isOver) return count === 1 ? 'Came alone' : `Started together with ${others}`;
  return (
    <>
      Waiting until <TimeAgo at={waitsUntil} />
      {count === 1 ? '' : `, together with ${others}`}
    </>
  );
};
