import { describeUsage, type Run } from '@everwave/schema/api';
import { isClosed } from '@everwave/schema/run';
import { ArrowUpFromLine, Ban, ExternalLink, RotateCcw } from 'lucide-react';
import { Link } from 'react-router';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Button, ExternalButton } from '#app/components/ui/button.tsx';
import { CopyButton } from '#app/components/ui/copy-button.tsx';
import { ElapsedTime } from '#app/time/elapsed-time.tsx';
import { Notice } from '#app/components/ui/notice.tsx';
import { RunStatusPill } from '#app/components/ui/status-pill.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { CountDown } from '#app/time/count-down.tsx';
import { ParentRunLink } from './related-run.tsx';
import { LinkedRuns } from './linked-runs.tsx';
import { useMayWithRun } from './use-may-with-run.ts';
import { failureTitle, triggerWord } from '#app/words/statuses.ts';

const QueuedNotice = ({ run }: { readonly run: Run }) => {
  if (run.placeWait) {
    return (
      <div className="mb-5">
        <Notice tone="info" title="Waiting for a free place">
          {run.placeWait.message} It begins by itself when one is free.
        </Notice>
      </div>
    );
  }
  if (run.status !== 'queued' || run.dispatch.attempts === 0) return null;
  return (
    <div className="mb-5">
      <Notice tone="warn" title="Waiting for Temporal">
        The run is stored and safe. Temporal has not taken it yet ({run.dispatch.attempts} tries so far)
        {run.dispatch.nextAttemptAt ? (
          <>
            ; the next try is <CountDown until={run.dispatch.nextAttemptAt} />
          </>
        ) : null}
        .
      </Notice>
    </div>
  );
};

interface RunHeaderProps {
  readonly run: Run;
  readonly onCancel: () => void;
  readonly onRerun: () => void;
  readonly onMigrate: () => void;
}

export const RunHeader = ({ run, onCancel, onRerun, onMigrate }: RunHeaderProps) => {
  const usage = describeUsage(run);
  const mayRepair = useMayWithRun('runs:repair');
  const mayStart = useMayWithRun('runs:start');
  const mayMigrate = useMayWithRun('runs:migrate');
  const isWaiting = run.status === 'waiting' || run.status === 'needs_attention';
  return (
    <>
      <PageHeader
        title={
          <span className="inline-flex flex-wrap items-center gap-x-3 gap-y-1">
            <Link
              to={`/workflows/${run.flowId}`}
              className="rounded-sm hover:underline hover:decoration-1 hover:underline-offset-4"
            >
              {run.flowName}
            </Link>
            <span className="text-sm font-normal tracking-normal">
              <RunStatusPill status={run.status} />
            </span>
          </span>
        }
        actions={
          <>
            {mayRepair && !isClosed(run.status) ? (
              <Button variant="danger" size="sm" icon={<Ban size={14} aria-hidden />} onClick={onCancel}>
                Cancel run
              </Button>
            ) : null}
            {mayMigrate && isWaiting ? (
              <Button size="sm" icon={<ArrowUpFromLine size={14} aria-hidden />} onClick={onMigrate}>
                Change version
              </Button>
            ) : null}
            {mayStart ? (
              <Button size="sm" icon={<RotateCcw size={14} aria-hidden />} onClick={onRerun}>
                Run again
              </Button>
            ) : null}
            {run.temporalUrl ? (
              <ExternalButton href={run.temporalUrl} size="sm" icon={<ExternalLink size={14} aria-hidden />}>
                Open in Temporal UI
              </ExternalButton>
            ) : null}
          </>
        }
      >
        <ul className="flex flex-wrap items-center gap-x-4 gap-y-0.5 text-xs">
          <li className="flex items-center font-mono">
            {run.id.slice(0, 8)}…{run.id.slice(-6)}
            <CopyButton text={run.id} label="Copy the run’s id" />
          </li>
          <li>Version {run.flowVersion}</li>
          {run.parent ? null : <li>{run.startedBy ?? triggerWord(run.triggerKind)}</li>}
          <li>
            Started <TimeAgo at={run.createdAt} />
          </li>
          <li>
            {run.finishedAt ? 'Took ' : 'Running for '}
            <ElapsedTime startedAt={run.startedAt ?? run.createdAt} finishedAt={run.finishedAt} />
          </li>
          {usage === null ? null : (
            <li className="tabular-nums" title="By the list prices of the day: an estimate">
              {usage}
            </li>
          )}
          {run.rerunOfRunId ? (
            <li>
              Runs{' '}
              <Link to={`/runs/${run.rerunOfRunId}`} className="prose-link">
                an earlier run
              </Link>{' '}
              again
            </li>
          ) : null}
          {run.replacedByRunId ? (
            <li>
              Replaced by{' '}
              <Link to={`/runs/${run.replacedByRunId}`} className="prose-link">
                a newer run
              </Link>
            </li>
          ) : null}
          <ParentRunLink parent={run.parent} />
          {run.forkOfRunId ? (
            <li>
              Goes on from{' '}
              <Link to={`/runs/${run.forkOfRunId}`} className="prose-link">
                an earlier run
              </Link>
              {run.forkAt ? (
                <>
                  {' '}
                  at <span className="font-mono">{run.forkAt}</span>
                </>
              ) : null}
            </li>
          ) : null}
        </ul>
      </PageHeader>
      <QueuedNotice run={run} />
      <LinkedRuns run={run} />
      {run.failure && isClosed(run.status) ? (
        <div className="mb-5">
          <Notice tone="bad" title={failureTitle(run.failure.name)}>
            {run.failure.message}
            {run.failure.advice ? <p className="mt-1">{run.failure.advice}</p> : null}
          </Notice>
        </div>
      ) : null}
    </>
  );
};
