import type { Delivery } from '@everwave/schema/api';
import { Dialog } from '#app/components/ui/dialog.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { ValueTree } from '#app/components/values/value-tree.tsx';
import { MaskedNotice } from '#app/runs/value/masked-notice.tsx';
import { useMay } from '#app/shell/use-me.ts';
import { formatBytes } from '#app/words/numbers.ts';
import { DeliveryState } from './delivery-state.tsx';
import { ReplayButton } from './replay-button.tsx';
import { Together } from './together.tsx';

interface DeliveryDialogProps {
  readonly delivery: Delivery;
  readonly onClose: () => void;
  readonly onReplay: () => void;
}

/** One event as it arrived. */
export const DeliveryDialog = ({ delivery, onClose, onReplay }: DeliveryDialogProps) => {
  const mayUnmask = useMay('values:unmask');
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title={`Event for ${delivery.flowName}`}
      description={
        <>
          {formatBytes(delivery.payloadBytes)}, received <TimeAgo at={delivery.receivedAt} />, id{' '}
          <span className="font-mono text-xs [overflow-wrap:anywhere]">{delivery.deliveryId}</span>
        </>
      }
    >
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <DeliveryState {...delivery} />
        {delivery.placeWait ? <span className="text-ink-2">{delivery.placeWait.message}</span> : null}
        {delivery.together ? (
          <span className="text-ink-2">
            <Together together={delivery.together} isOver={delivery.status !== 'collecting'} />
          </span>
        ) : null}
        {delivery.lastError ? <span className="text-ink-2">{delivery.lastError}</span> : null}
        <span className="ml-auto">
          {delivery.runId ? (
            <ButtonLink to={`/runs/${delivery.runId}`} size="sm">
              Go to the run
            </ButtonLink>
          ) : delivery.status === 'held' || delivery.status === 'skipped' ? (
            <ReplayButton onPress={onReplay} />
          ) : null}
        </span>
      </div>
      <div className="mb-4 empty:hidden">
        <MaskedNotice values={[delivery.payload]} mayUnmask={mayUnmask} />
      </div>
      <div className="rounded-md border border-line bg-sunken/40 px-4 py-3">
        <ValueTree value={delivery.payload} root="trigger" />
      </div>
    </Dialog>
  );
};
