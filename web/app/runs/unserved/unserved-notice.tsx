import type { Run } from '@everwave/schema/api';
import type { NodeManifest } from '@everwave/schema/node';
import { isClosed } from '@everwave/schema/run';
import { useEffect } from 'react';
import { useFetcher } from 'react-router';
import { Notice } from '#app/components/ui/notice.tsx';
import type { loader } from './route.ts';
import { unservedBy } from './unserved-queues.ts';

interface UnservedNoticeProps {
  readonly run: Run;
  readonly manifests: readonly NodeManifest[];
}

const againAfter = 15_000;

/** Says that a run waits for a worker that is not there, and what to do; asked for while the run is open. */
export const UnservedNotice = ({ run, manifests }: UnservedNoticeProps) => {
  const { load, data } = useFetcher<typeof loader>();
  const isAsked = !isClosed(run.status);
  useEffect(() => {
    if (!isAsked) return undefined;
    const ask = () => void load('/runs/unserved-queues');
    ask();
    const timer = setInterval(ask, againAfter);
    return () => clearInterval(timer);
  }, [isAsked, load]);
  return unservedBy(run, manifests, data?.unserved ?? []).map(({ queue, titles }) => (
    <div key={queue} className="mb-5">
      <Notice tone="warn" role="status" title={`No worker serves the queue “${queue}”`}>
        {titles.length > 0 ? `Needed by ${titles.map((title) => `“${title}”`).join(', ')}. ` : ''}
        Nothing is lost: the run goes on by itself when a worker with <code className="font-mono text-xs">{queue}</code>{' '}
        in <code className="font-mono text-xs">EVERWAVE_WORKER_QUEUES</code> is there.
      </Notice>
    </div>
  ));
};
