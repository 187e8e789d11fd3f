import { useEffect } from 'react';
import { useFetcher } from 'react-router';
import type { ActionResult } from '#app/api/api.server.ts';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { useToast } from '#app/components/ui/toaster.tsx';
import { formatCount } from '#app/words/numbers.ts';

interface DismissDialogProps {
  readonly steps: number;
  readonly onClose: () => void;
}

/** Takes steps out of the inbox, with a reason, and says what becomes of their runs. Posts to the page it stands on. */
export const DismissDialog = ({ steps, onClose }: DismissDialogProps) => {
  const fetcher = useFetcher<ActionResult<unknown>>();
  const toast = useToast();
  const result = fetcher.data;
  const problem = result && !result.ok ? result.problem : null;
  useEffect(() => {
    if (!result?.ok) return;
    toast(`${formatCount(steps, 'step')} left the inbox.`);
    onClose();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per answer
  }, [result]);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Dismiss ${formatCount(steps, 'step')}`}
      description="They leave the inbox and stand under “Dismissed”, from where they can be brought back while their runs wait."
    >
      <fetcher.Form method="post" className="space-y-5">
        <input type="hidden" name="intent" value="dismiss" />
        <TextField
          label="Reason"
          name="reason"
          required
          maxLength={500}
          hint="Kept with them and in the audit log."
          error={problem?.errors.find(({ path }) => path === 'reason')?.message}
        />
        <fieldset className="space-y-2">
          <legend className="mb-1.5 text-sm font-medium">Their runs</legend>
          <label className="flex items-start gap-2">
            <input
              type="radio"
              name="run"
              value="wait"
              defaultChecked
              className="mt-0.5 size-4 accent-[var(--coral)]"
            />
            go on waiting until their limit
          </label>
          <label className="flex items-start gap-2">
            <input type="radio" name="run" value="fail" className="mt-0.5 size-4 accent-[var(--coral)]" />
            end as failed, now and for good
          </label>
        </fieldset>
        {problem ? <ProblemNotice problem={problem} /> : null}
        <DialogActions>
          <Button onClick={onClose}>Go back</Button>
          <Button type="submit" variant="primary" disabled={fetcher.state !== 'idle'}>
            Dismiss {formatCount(steps, 'step')}
          </Button>
        </DialogActions>
      </fetcher.Form>
    </Dialog>
  );
};
