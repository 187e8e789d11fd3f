import type { FlowSummary } from '@everwave/schema/api';
import { Folder, Play } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Pill, RunStatusPill } from '#app/components/ui/status-pill.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { NodeIcon } from '#app/flows/canvas/node-icon.tsx';
import { formatCount } from '#app/words/numbers.ts';
import { triggerWord } from '#app/words/statuses.ts';
import { FlowSwitch } from '../flow-switch.tsx';
import { RunNowDialog } from '../run-now-dialog.tsx';
import { whyNotRun } from '../why-not-run.ts';

interface FlowRowProps {
  readonly flow: FlowSummary;
  /** The name of the folder it is in. */
  readonly folder: string | null;
}

export const FlowRow = ({ flow, folder }: FlowRowProps) => {
  const [isStarting, setStarting] = useState(false);
  const mayStart = flow.may.includes('runs:start');
  const obstacle = whyNotRun(flow);
  const firstTrigger = flow.triggerKinds[0];
  return (
    <li className="group relative grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-4 gap-y-2 px-4 py-3 transition-colors duration-120 hover:bg-sunken/60 has-[a[data-row]:focus-visible]:bg-sunken/60 lg:grid-cols-[auto_minmax(0,1fr)_108px_190px_92px_auto]">
      <NodeIcon kind={firstTrigger ?? 'trigger.manual'} size={34} />
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Link
            to={`/workflows/${flow.id}`}
            data-row
            className="truncate rounded-sm font-semibold after:absolute after:inset-0 after:content-['']"
          >
            {flow.name}
          </Link>
          {folder === null ? null : (
            <span className="inline-flex items-center gap-1 text-xs text-ink-2">
              <Folder size={13} aria-hidden />
              <span className="sr-only">in the folder </span>
              {folder}
            </span>
          )}
          {flow.tags.map((tag) => (
            <span key={tag} className="rounded-full border border-line px-2 text-xs text-ink-2">
              {tag}
            </span>
          ))}
        </p>
        <p className="mt-0.5 truncate text-xs text-ink-2">
          {flow.triggerKinds.map(triggerWord).join(', ') || 'No trigger'} · {formatCount(flow.stepCount, 'step')}
          {flow.description ? ` · ${flow.description}` : ''}
        </p>
      </div>
      <div className="hidden text-xs lg:block">
        {flow.version === null ? (
          <span className="text-ink-2">Draft only</span>
        ) : (
          <span className="tabular">
            Version {flow.version}
            {flow.changedSincePublish ? <span className="block text-warn">draft differs</span> : null}
          </span>
        )}
      </div>
      <div className="col-span-2 col-start-2 flex items-center gap-2 text-xs text-ink-2 lg:col-span-1 lg:col-start-auto">
        {flow.lastRun ? (
          <>
            <RunStatusPill status={flow.lastRun.status} />
            <TimeAgo at={flow.lastRun.createdAt} />
          </>
        ) : (
          'Never run'
        )}
      </div>
      <div className="relative col-start-2 lg:col-start-auto">
        {flow.status === 'archived' ? <Pill tone="quiet">Archived</Pill> : <FlowSwitch flow={flow} />}
      </div>
      <div className="relative justify-self-end">
        {mayStart ? (
          <Button
            size="sm"
            icon={<Play size={14} aria-hidden />}
            onClick={() => setStarting(true)}
            disabled={obstacle !== null}
            title={obstacle ?? undefined}
            aria-label={`Run ${flow.name} now`}
          >
            Run
          </Button>
        ) : null}
        {isStarting ? <RunNowDialog flow={flow} onClose={() => setStarting(false)} /> : null}
      </div>
    </li>
  );
};
