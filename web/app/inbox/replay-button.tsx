import type { DeliverySummary } from '@everwave/schema/api';
import { Play } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useFetcher } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { useToast } from '#app/components/ui/toaster.tsx';
import { useMay } from '#app/shell/use-me.ts';
import type { action } from './route.tsx';

/** Starts a run from an event that was held, after saying what that does. */
export const ReplayButton = ({ delivery }: { readonly delivery: DeliverySummary }) => {
  const [isOpen, setOpen] = useState(false);
  const fetcher = useFetcher<typeof action>();
  const toast = useToast();
  const mayReplay = useMay('deliveries:replay');
  const result = fetcher.data;
  useEffect(() => {
    if (!result?.ok) return;
    toast(`The event starts a run of ${delivery.flowName}.`);
    setOpen(false);
  }, [result, toast, delivery.flowName]);
  if (!mayReplay) return null;
  return (
    <>
      <Button size="sm" icon={<Play size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Replay
      </Button>
      <Dialog
        open={isOpen}
        onOpenChange={setOpen}
        title="Replay this event"
        description={`Starts one run of ${delivery.flowName} with the event as it arrived, even though the flow is off. Messages are sent and changes are made for real.`}
      >
        <fetcher.Form method="post" action="/inbox">
          <input type="hidden" name="deliveryId" value={delivery.id} />
          {result && !result.ok ? <ProblemNotice problem={result.problem} /> : null}
          <DialogActions>
            <Button onClick={() => setOpen(false)}>Go back</Button>
            <Button type="submit" variant="primary" disabled={fetcher.state !== 'idle'}>
              {fetcher.state === 'idle' ? 'Start one run' : 'Starting…'}
            </Button>
          </DialogActions>
        </fetcher.Form>
      </Dialog>
    </>
  );
};
