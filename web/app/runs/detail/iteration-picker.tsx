import type { RunStep } from '@everwave/schema/api';
import { iterationWord } from '#app/words/iteration.ts';
import { stepLooks } from '#app/words/statuses.ts';

interface IterationPickerProps {
  /** The same step in each iteration in which it has begun. */
  readonly steps: readonly RunStep[];
  readonly selectedPath: string;
  readonly onSelect: (path: string) => void;
}

/** Which iteration of a loop the inspector shows. */
export const IterationPicker = ({ steps, selectedPath, onSelect }: IterationPickerProps) => (
  <label className="flex items-center gap-2 text-xs text-ink-2">
    <span>Iteration</span>
    <select
      className="field !h-8 !w-auto !py-0 text-xs"
      value={selectedPath}
      onChange={(event) => onSelect(event.currentTarget.value)}
    >
      {steps.map(({ path, status }) => (
        <option key={path} value={path}>
          {iterationWord(path)}: {stepLooks[status].word}
        </option>
      ))}
    </select>
  </label>
);
