import { classNames } from '#app/words/class-names.ts';

/** A grey shape where something will stand; a slow sheen passes over it unless the reader asked for calm. */
export const Skeleton = ({ className }: { readonly className: string }) => (
  <span
    aria-hidden
    className={classNames(
      'block rounded-md bg-[linear-gradient(100deg,var(--sunken)_40%,var(--line)_50%,var(--sunken)_60%)] bg-[length:300%_100%] motion-safe:animate-sheen',
      className,
    )}
  />
);
