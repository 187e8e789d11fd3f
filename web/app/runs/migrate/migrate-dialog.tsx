import type { Run } from '@everwave/schema/api';
import { ArrowUpFromLine } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useFetcher } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { action } from './route.ts';

interface MigrateDialogProps {
  readonly run: Run;
  readonly onClose: () => void;
}

/** Has a run that waits go on under the live version, after it has said itself that it can. */
export const MigrateDialog = ({ run, onClose }: MigrateDialogProps) => {
  const asking = useFetcher<typeof action>({ key: 'migrate-verdict' });
  const doing = useFetcher<typeof action>({ key: 'migrate' });
  const [key] = useState(() => crypto.randomUUID());
  const send = (fetcher: typeof asking, intent: 'preview' | 'migrate'): void =>
    void fetcher.submit({ key, intent }, { method: 'post', action: `/runs/${run.id}/migrate` });

  useEffect(() => {
    send(asking, 'preview');
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once
  }, []);
  const isDone = doing.data?.ok === true;
  useEffect(() => {
    if (isDone) onClose();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per answer
  }, [isDone]);

  const verdict = asking.state === 'idle' && asking.data?.ok ? asking.data.value.verdict : null;
  const problem = [doing.data, asking.data].find((answer) => answer && !answer.ok);
  const isBusy = doing.state !== 'idle' || isDone;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Go on under the live version"
      description={`The run is on version ${run.flowVersion}. What has run stays; what has not begun follows the new drawing.`}
    >
      <div className="space-y-4" role="status">
        {verdict && !verdict.fits ? (
          <Notice tone="warn" title={`Version ${verdict.flowVersion} does not fit this run`}>
            <ul className="list-disc space-y-1 pl-4">
              {verdict.problems.map(({ code, stepId, message }) => (
                <li key={`${code}${stepId ?? ''}`}>{message}</li>
              ))}
            </ul>
          </Notice>
        ) : null}
        {verdict?.fits ? <p className="text-sm text-ink-2">Version {verdict.flowVersion} fits this run.</p> : null}
        {problem && !problem.ok ? <ProblemNotice problem={problem.problem} /> : null}
        <DialogActions>
          <Button onClick={onClose}>Not now</Button>
          <Button
            variant="primary"
            icon={<ArrowUpFromLine size={15} aria-hidden />}
            disabled={isBusy || !verdict?.fits}
            onClick={() => send(doing, 'migrate')}
          >
            {isBusy ? 'Changing…' : 'Change the version'}
          </Button>
        </DialogActions>
      </div>
    </Dialog>
  );
};
