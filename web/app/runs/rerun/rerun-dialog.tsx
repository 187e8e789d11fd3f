import type { Run } from '@everwave/schema/api';
import { isClosed } from '@everwave/schema/run';
import { RotateCcw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useFetcher, useNavigate } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { SelectField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { action } from './route.ts';

interface RerunDialogProps {
  readonly run: Run;
  readonly onClose: () => void;
}

/** Starts a new run with this one's input. The key is made when the dialog opens, so a double press is one run. */
export const RerunDialog = ({ run, onClose }: RerunDialogProps) => {
  const fetcher = useFetcher<typeof action>();
  const [key] = useState(() => crypto.randomUUID());
  const result = fetcher.data;
  const isBusy = fetcher.state !== 'idle' || result?.ok === true;
  const navigate = useNavigate();

  useEffect(() => {
    if (!result?.ok) return;
    onClose();
    void navigate(`/runs/${result.value.runId}`);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per answer
  }, [result]);

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Run again from the start"
      description="Starts a new run with the same input. Every step runs again: messages are sent and changes are made once more."
    >
      <fetcher.Form method="post" action={`/runs/${run.id}/rerun`} className="space-y-4">
        <input type="hidden" name="key" value={key} />
        {isClosed(run.status) ? null : (
          <Notice tone="warn" title="This run is still open">
            It goes on by itself or after a repair, which does not repeat what is done. Then both runs do their work.
          </Notice>
        )}
        <SelectField label="Version" name="version" defaultValue="same">
          <option value="same">The one that ran: version {run.flowVersion}</option>
          <option value="live">The one that is live now</option>
        </SelectField>
        {result && !result.ok ? <ProblemNotice problem={result.problem} /> : null}
        <DialogActions>
          <Button onClick={onClose}>Not now</Button>
          <Button type="submit" variant="primary" icon={<RotateCcw size={15} aria-hidden />} disabled={isBusy}>
            {isBusy ? 'Starting…' : 'Start a new run'}
          </Button>
        </DialogActions>
      </fetcher.Form>
    </Dialog>
  );
};
