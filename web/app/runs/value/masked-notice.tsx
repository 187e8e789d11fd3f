import type { Json } from '@everwave/schema/flow';
import { findMask } from '@everwave/schema/run';
import { Link, useLocation, useSearchParams } from 'react-router';
import { Notice } from '#app/components/ui/notice.tsx';
import { asksToUnmask, unmaskParameter } from './unmask.ts';

interface MaskedNoticeProps {
  /** Everything that the page shows of what was recorded. */
  readonly values: readonly (Json | undefined)[];
  readonly mayUnmask: boolean;
}

/** Says that the organisation masks some of what the page shows, with the way to it for those who may see it. */
export const MaskedNotice = ({ values, mayUnmask }: MaskedNoticeProps) => {
  const { pathname } = useLocation();
  const [search] = useSearchParams();
  const isUnmasked = asksToUnmask(search);
  if (!isUnmasked && values.every((value) => findMask(value) === null)) return null;
  const other = new URLSearchParams(search);
  if (isUnmasked) other.delete(unmaskParameter);
  else other.set(unmaskParameter, 'true');
  const to = `${pathname}?${other.toString()}`;
  if (isUnmasked) {
    return (
      <Notice tone="warn" title="Masked fields are shown" role="status">
        The audit log says that you looked at them.{' '}
        <Link to={to} replace preventScrollReset className="prose-link">
          Mask them again
        </Link>
      </Notice>
    );
  }
  return (
    <Notice tone="info" title="Some fields are masked">
      Your organisation keeps them from being read.{' '}
      {mayUnmask ? (
        <Link to={to} replace preventScrollReset className="prose-link">
          Show them, with an entry in the audit log
        </Link>
      ) : (
        'Whoever may see masked values can show them.'
      )}
    </Notice>
  );
};
