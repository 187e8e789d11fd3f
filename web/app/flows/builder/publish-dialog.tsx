import type { Issue } from '@everwave/schema/flow';
import { useState } from 'react';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { Field } from '#app/components/ui/field.tsx';
import type { PageProblem } from '#app/api/api-error.ts';

interface PublishDialogProps {
  readonly flowName: string;
  /** Null before the first publish. */
  readonly liveVersion: number | null;
  readonly issues: readonly Issue[];
  readonly problem: PageProblem | null;
  readonly isBusy: boolean;
  readonly onPublish: (note: string) => void;
  readonly onClose: () => void;
}

/** Makes the draft the version that runs begin with from now on. */
export const PublishDialog = ({
  flowName,
  liveVersion,
  issues,
  problem,
  isBusy,
  onPublish,
  onClose,
}: PublishDialogProps) => {
  const [note, setNote] = useState('');
  const errors = issues.filter(({ severity }) => severity === 'error');
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
      title={`Publish ${flowName}`}
      description={
        liveVersion === null
          ? 'It becomes version 1. New runs begin with it.'
          : `It becomes version ${liveVersion + 1}. New runs begin with it; runs that are open end with the version they began with.`
      }
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      {errors.length > 0 ? (
        <ul className="list-disc space-y-1 pl-5 text-bad">
          {errors.map(({ code, path, message }) => (
            <li key={`${code} ${path}`}>{message}</li>
          ))}
        </ul>
      ) : (
        <Field label="What is new" optional hint="Stands beside the version in its list.">
          {(described) => (
            <textarea
              {...described}
              value={note}
              maxLength={500}
              rows={3}
              onChange={(event) => setNote(event.currentTarget.value)}
              className="field"
            />
          )}
        </Field>
      )}
      <DialogActions>
        <Button onClick={onClose}>Not yet</Button>
        <Button variant="primary" disabled={errors.length > 0 || isBusy} onClick={() => onPublish(note)}>
          {isBusy ? 'Publishing…' : 'Publish'}
        </Button>
      </DialogActions>
    </Dialog>
  );
};
