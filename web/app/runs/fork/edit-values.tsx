import type { ForkPreview, RunStep } from '@everwave/schema/api';
import { PencilLine, Undo2 } from 'lucide-react';
import { Button } from '#app/components/ui/button.tsx';
import { JsonEditor } from '#app/components/values/json-editor.tsx';

interface EditValuesProps {
  readonly step: RunStep;
  readonly steps: readonly RunStep[];
  readonly again: ForkPreview['again'];
  /** JSON by path, as it is being written. */
  readonly edited: Readonly<Record<string, string>>;
  readonly onEdit: (edited: Readonly<Record<string, string>>) => void;
  readonly input: string | null;
  readonly onInput: (input: string | null) => void;
}

const toText = (value: unknown): string => JSON.stringify(value, null, 2);

/** The scopes that a step can read: its own and those around it. */
const isInSight = (path: string, from: string): boolean => {
  const dot = path.lastIndexOf('.');
  return dot === -1 || from.startsWith(`${path.slice(0, dot)}.`);
};

/** What the steps before gave, and what the step itself takes, to be changed before it starts again. */
export const EditValues = ({ step, steps, again, edited, onEdit, input, onInput }: EditValuesProps) => {
  const paths = new Set(again.map(({ path }) => path));
  const earlier = steps.filter(
    ({ path, output, status }) =>
      output !== undefined &&
      status !== 'skipped' &&
      path !== step.path &&
      !paths.has(path) &&
      isInSight(path, step.path),
  );
  const without = (path: string) => Object.fromEntries(Object.entries(edited).filter(([each]) => each !== path));
  return (
    <div className="space-y-3">
      {earlier.map(({ path, title, output }) => {
        const text = edited[path];
        return text === undefined ? (
          <Button
            key={path}
            size="sm"
            className="!whitespace-normal text-left"
            icon={<PencilLine size={14} aria-hidden className="shrink-0" />}
            onClick={() => onEdit({ ...edited, [path]: toText(output) })}
          >
            Edit what “{title}” gave
          </Button>
        ) : (
          <div key={path}>
            <JsonEditor
              label={`What “${title}” gave`}
              text={text}
              rows={8}
              onChange={(next) => onEdit({ ...edited, [path]: next })}
            />
            <Button
              size="sm"
              variant="quiet"
              icon={<Undo2 size={14} aria-hidden />}
              onClick={() => onEdit(without(path))}
            >
              Leave it as it was
            </Button>
          </div>
        );
      })}
      {step.input === undefined ? null : input === null ? (
        <Button size="sm" icon={<PencilLine size={14} aria-hidden />} onClick={() => onInput(toText(step.input))}>
          Edit the input of this step
        </Button>
      ) : (
        <div>
          <JsonEditor label="Input of this step" text={input} rows={8} onChange={onInput} />
          <Button size="sm" variant="quiet" icon={<Undo2 size={14} aria-hidden />} onClick={() => onInput(null)}>
            Leave it as it was
          </Button>
        </div>
      )}
    </div>
  );
};
