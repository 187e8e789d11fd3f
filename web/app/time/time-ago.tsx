import { useLocalFormat } from './moment.tsx';
import { formatRelative } from './time-words.ts';
import { useNow } from './use-now.ts';

/** A moment as `3 min ago`, with the exact time in the reader's zone on hover. */
export const TimeAgo = ({ at }: { readonly at: string }) => {
  const now = useNow('calm');
  const exact = useLocalFormat({ dateStyle: 'medium', timeStyle: 'long' });
  return (
    <time dateTime={at} title={exact(at)} className="whitespace-nowrap">
      {formatRelative(Date.parse(at), now)}
    </time>
  );
};
