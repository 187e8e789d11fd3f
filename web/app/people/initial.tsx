import { classNames } from '#app/words/class-names.ts';

/** A person as a round letter, beside their name. */
export const Initial = ({ name, className }: { readonly name: string; readonly className?: string }) => (
  <span
    aria-hidden
    className={classNames(
      'grid size-8 shrink-0 place-items-center rounded-full bg-burgundy text-xs font-semibold text-surface',
      className,
    )}
  >
    {name.charAt(0).toUpperCase()}
  </span>
);
