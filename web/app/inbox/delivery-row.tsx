import type { DeliverySummary } from '@everwave/schema/api';
import { Link } from 'react-router';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { formatBytes } from '#app/words/numbers.ts';
import { DeliveryState } from './delivery-state.tsx';
import { ReplayButton } from './replay-button.tsx';
import { Together } from './together.tsx';

interface DeliveryRowProps {
  readonly delivery: DeliverySummary;
  readonly onOpen: () => void;
  readonly onReplay: () => void;
}

export const DeliveryRow = ({ delivery, onOpen, onReplay }: DeliveryRowProps) => (
  <li className="relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-2.5 transition-colors duration-120 hover:bg-sunken/60 md:grid-cols-[148px_minmax(0,1fr)_110px_76px_104px]">
    <span className="order-2 md:order-none">
      <DeliveryState {...delivery} />
    </span>
    <span className="order-1 min-w-0 md:order-none">
      <button
        type="button"
        data-row
        onClick={onOpen}
        className="max-w-full truncate rounded-sm text-left font-medium after:absolute after:inset-0 after:content-['']"
      >
        {delivery.flowName}
      </button>
      <span className="block truncate text-xs text-ink-2">
        {delivery.lastError ??
          (delivery.status === 'collecting' && delivery.together ? (
            <Together together={delivery.together} />
          ) : (
            <span className="font-mono">{delivery.deliveryId}</span>
          ))}
      </span>
    </span>
    <span className="relative order-4 justify-self-end md:order-none md:justify-self-start">
      {delivery.runId ? (
        <Link to={`/runs/${delivery.runId}`} className="prose-link font-mono text-xs">
          run {delivery.runId.slice(-6)}
        </Link>
      ) : delivery.status === 'held' || delivery.status === 'skipped' ? (
        <ReplayButton onPress={onReplay} />
      ) : null}
    </span>
    <span className="tabular hidden text-right text-xs text-ink-2 md:order-none md:block">
      {formatBytes(delivery.payloadBytes)}
    </span>
    <span className="order-3 text-xs text-ink-2 md:order-none md:text-right">
      <TimeAgo at={delivery.receivedAt} />
    </span>
  </li>
);
