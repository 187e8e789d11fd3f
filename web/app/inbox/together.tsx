import type { DeliverySummary } from '@everwave/schema/api';
import { TimeAgo } from '#app/time/time-ago.tsx';

interface TogetherProps {
  readonly together: NonNullable<DeliverySummary['together']>;
  /** The run has started. */
  readonly isOver?: boolean;
}

/** When the run of an event that waits is due, and with how many others it waits. */
export const Together = ({ together: { count, waitsUntil }, isOver = false }: TogetherProps) => {
  const others = count === 2 ? 'one other' : `${count - 1} others`;
  if (isOver) return count === 1 ? 'Came alone' : `Started together with ${others}`;
  return (
    <>
      Due <TimeAgo at={waitsUntil} />
      {count === 1 ? '' : `, together with ${others}`}
    </>
  );
};
