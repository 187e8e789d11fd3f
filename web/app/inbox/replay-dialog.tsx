import type { DeliverySummary } from '@everwave/schema/api';
import { useEffect } from 'react';
import { useFetcher } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { useToast } from '#app/components/ui/toaster.tsx';
import type { action } from './route.tsx';

interface ReplayDialogProps {
  readonly delivery: DeliverySummary;
  readonly onClose: () => void;
}

/** Starts a run from an event that was held, after saying what that does. */
export const ReplayDialog = ({ delivery, onClose }: ReplayDialogProps) => {
  const fetcher = useFetcher<typeof action>();
  const toast = useToast();
  const result = fetcher.data;
  useEffect(() => {
    if (!result?.ok) return;
    toast(`The event starts a run of ${delivery.flowName}.`);
    onClose();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per answer
  }, [result]);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Replay this event"
      description={`Starts one run of ${delivery.flowName} with the event as it arrived, even though the flow is off. Messages are sent and changes are made for real.`}
    >
      <fetcher.Form method="post" action="/inbox">
        <input type="hidden" name="deliveryId" value={delivery.id} />
        {result && !result.ok ? <ProblemNotice problem={result.problem} /> : null}
        <DialogActions>
          <Button onClick={onClose}>Go back</Button>
          <Button type="submit" variant="primary" disabled={fetcher.state !== 'idle'}>
            {fetcher.state === 'idle' ? 'Start one run' : 'Starting…'}
          </Button>
        </DialogActions>
      </fetcher.Form>
    </Dialog>
  );
};
