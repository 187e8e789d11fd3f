import type { RunStep } from '@everwave/schema/api';
import { Button } from '#app/components/ui/button.tsx';
import { iterationWord } from '#app/words/iteration.ts';
import { stepLooks } from '#app/words/statuses.ts';

interface IterationPickerProps {
  /** The same step in each iteration in which it has begun. */
  readonly steps: readonly RunStep[];
  readonly selectedPath: string;
  /** Set where there are more iterations than are listed. */
  readonly isPartial: boolean;
  readonly onSelect: (path: string) => void;
}

/** Which iteration of a loop the inspector shows. Of very many only some are listed; any other is found by its number. */
export const IterationPicker = ({ steps, selectedPath, isPartial, onSelect }: IterationPickerProps) => (
  <div className="flex flex-wrap items-center gap-2 text-xs text-ink-2">
    <label className="flex items-center gap-2">
      <span>Iteration</span>
      <select
        className="field !h-8 !w-auto !py-0 text-xs"
        value={selectedPath}
        onChange={(event) => onSelect(event.currentTarget.value)}
      >
        {steps.some(({ path }) => path === selectedPath) ? null : (
          <option value={selectedPath}>{iterationWord(selectedPath)}: not begun</option>
        )}
        {steps.map(({ path, status }) => (
          <option key={path} value={path}>
            {iterationWord(path)}: {stepLooks[status].word}
          </option>
        ))}
      </select>
    </label>
    {isPartial ? (
      <form
        className="flex items-center gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const number = Number(new FormData(event.currentTarget).get('number'));
          if (Number.isInteger(number) && number > 0) onSelect(inIteration(selectedPath, number - 1));
        }}
      >
        <label className="flex items-center gap-2">
          <span>or number</span>
          <input className="field !h-8 !w-24 !py-0 text-xs" name="number" type="number" min={1} required />
        </label>
        <Button size="sm" type="submit">
          Show
        </Button>
      </form>
    ) : null}
  </div>
);

/** The same step in another iteration of the innermost loop: `each[7].send`. */
const inIteration = (path: string, index: number): string => path.replace(/\[\d+\](?=[^[]*$)/, `[${index}]`);
