import type { Run } from '@everwave/schema/api';
import { Link } from 'react-router';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { ValueTree } from '#app/components/values/value-tree.tsx';
import { NodeIcon } from '#app/flows/canvas/node-icon.tsx';
import { triggerWord } from '#app/words/statuses.ts';

/** What started the run, and with which data. */
export const TriggerInspector = ({ run, title }: { readonly run: Run; readonly title: string }) => (
  <section aria-label={`Trigger ${title}`} className="card min-w-0">
    <header className="flex items-start gap-3 px-5 pt-4">
      <NodeIcon kind={run.trigger.kind} size={34} />
      <div className="min-w-0 flex-1">
        <h2 className="truncate font-semibold">{title}</h2>
        <p className="truncate text-xs text-ink-2">
          {run.startedBy ? `Started by ${run.startedBy}` : triggerWord(run.trigger.kind)}
          {run.trigger.deliveryId ? (
            <>
              {' · '}
              <Link to={`/inbox?open=${run.trigger.deliveryId}`} className="prose-link">
                the delivery
              </Link>
            </>
          ) : null}
        </p>
      </div>
      <Pill tone="ok">Received</Pill>
    </header>
    <div className="px-5 pt-4 pb-5">
      {run.trigger.data === undefined ? (
        <p className="text-ink-2">The data that started this run is no longer kept.</p>
      ) : (
        <ValueTree value={run.trigger.data} root="trigger" />
      )}
    </div>
  </section>
);
