import { useId } from 'react';
import { classNames } from '#app/words/class-names.ts';

interface LogoProps {
  readonly className?: string;
  /** The wave breathes: in the header at idle, and while something loads. */
  readonly breathing?: boolean;
}

/** One continuous infinity wave: a single stroke that crosses itself once and flows from coral to burgundy. */
export const Logo = ({ className, breathing = false }: LogoProps) => {
  const gradient = useId();
  return (
    <svg
      width="40"
      height="20"
      viewBox="0 0 48 24"
      fill="none"
      aria-hidden
      className={classNames('shrink-0', className)}
    >
      <defs>
        <linearGradient id={gradient} x1="2" y1="6" x2="46" y2="18" gradientUnits="userSpaceOnUse">
          <stop offset="0" stopColor="var(--coral)" />
          <stop offset="1" stopColor="var(--burgundy)" />
        </linearGradient>
      </defs>
      <path
        d="M24 12C20.4 6.6 16.9 3.4 12.4 3.4 7.3 3.4 3.4 7.2 3.4 12s3.9 8.6 9 8.6c4.5 0 8-3.2 11.6-8.6s7.1-8.6 11.6-8.6c5.1 0 9 3.8 9 8.6s-3.9 8.6-9 8.6c-4.5 0-8-3.2-11.6-8.6Z"
        stroke={`url(#${gradient})`}
        strokeWidth="2.8"
        strokeLinecap="round"
        strokeLinejoin="round"
        className={breathing ? 'motion-safe:animate-[breathe_3.6s_ease-in-out_infinite]' : undefined}
      />
    </svg>
  );
};

export const Wordmark = ({ breathing }: { readonly breathing?: boolean }) => (
  <span className="inline-flex items-center gap-2.5">
    <Logo className="h-5 w-10" breathing={breathing ?? false} />
    <span className="text-base font-semibold tracking-[-0.02em]">Everwave</span>
  </span>
);
