import type { ReactNode } from 'react';
import { Notice } from '#app/components/ui/notice.tsx';
import type { LoadedValue } from './load-value.ts';

interface UntilLoadedProps {
  readonly input: LoadedValue | 'loading' | null;
  /** What can be done with an input that cannot be edited here. */
  readonly advice: string;
  readonly children: ReactNode;
}

/** Shows what edits an input once all of it is there. */
export const UntilLoaded = ({ input, advice, children }: UntilLoadedProps) => {
  if (input === 'loading') return <p className="text-ink-2">Loading the whole input…</p>;
  if (input === null || input.ok) return children;
  return (
    <Notice tone="warn" title="This input cannot be edited here">
      {`${input.message} ${advice}`}
    </Notice>
  );
};
