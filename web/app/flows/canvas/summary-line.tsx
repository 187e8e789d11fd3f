import { classNames } from '#app/words/class-names.ts';
import type { SummaryPart } from './summarize-node.ts';

/** An address, say: better broken anywhere than pushed to the next line whole. */
const longWord = /\S{18,}/;

/** A summary in which the values that a run fills in stand out. */
export const SummaryLine = ({
  parts,
  className,
}: {
  readonly parts: readonly SummaryPart[];
  readonly className?: string;
}) => (
  <span className={classNames('text-xs text-ink-2 [overflow-wrap:anywhere]', className)}>
    {parts.map((part, at) =>
      'text' in part ? (
        // oxlint-disable-next-line react/no-array-index-key -- parts never move
        <span key={at} className={longWord.test(part.text) ? 'break-all' : undefined}>
          {part.text}
        </span>
      ) : (
        // oxlint-disable-next-line react/no-array-index-key -- parts never move
        <span key={at} className="rounded-sm bg-coral/14 px-1 font-mono text-[12px] text-burgundy">
          {part.value}
        </span>
      ),
    )}
  </span>
);
