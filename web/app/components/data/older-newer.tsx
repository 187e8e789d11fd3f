import { ArrowLeft, ArrowRight } from 'lucide-react';
import { useSearchParams } from 'react-router';
import { ButtonLink } from '../ui/button.tsx';

/** Paging by cursor: on to older rows, and back to the newest. Nothing when there is one page only. */
export const OlderNewer = ({ nextCursor, what }: { readonly nextCursor: string | null; readonly what: string }) => {
  const [search] = useSearchParams();
  const isFirst = !search.has('cursor');
  if (isFirst && !nextCursor) return null;
  const at = (cursor: string | null): string => {
    const next = new URLSearchParams(search);
    if (cursor) next.set('cursor', cursor);
    else next.delete('cursor');
    return `?${next}`;
  };
  return (
    <nav aria-label="Pages" className="mt-4 flex justify-between gap-2">
      {isFirst ? (
        <span />
      ) : (
        <ButtonLink to={at(null)} size="sm" icon={<ArrowLeft size={14} aria-hidden />}>
          Newest {what}
        </ButtonLink>
      )}
      {nextCursor ? (
        <ButtonLink to={at(nextCursor)} size="sm">
          Older {what} <ArrowRight size={14} aria-hidden />
        </ButtonLink>
      ) : null}
    </nav>
  );
};
