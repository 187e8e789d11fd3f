import type { Run } from '@everwave/schema/api';
import { ArrowUpFromLine } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useFetcher } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import type { action } from './route.ts';
import { VersionChoice } from './version-choice.tsx';

interface MigrateDialogProps {
  readonly run: Run;
  readonly onClose: () => void;
}

/** Has a run that waits go on under another version, after it has said itself under which it can. */
export const MigrateDialog = ({ run, onClose }: MigrateDialogProps) => {
  const asking = useFetcher<typeof action>({ key: 'migrate-versions' });
  const doing = useFetcher<typeof action>({ key: 'migrate' });
  const [key] = useState(() => crypto.randomUUID());
  const [picked, setPicked] = useState<number | null>(null);
  const send = (fetcher: typeof asking, form: Readonly<Record<string, string>>): void =>
    void fetcher.submit(form, { method: 'post', action: `/runs/${run.id}/migrate` });

  useEffect(() => {
    send(asking, { intent: 'list' });
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once
  }, []);
  const isDone = doing.data?.ok === true;
  useEffect(() => {
    if (isDone) onClose();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per answer
  }, [isDone]);

  const listed = asking.data?.ok ? asking.data.value.versions : null;
  const versions = listed?.filter(({ flowVersion }) => flowVersion !== run.flowVersion) ?? null;
  const fitting = versions?.filter(({ fits }) => fits) ?? [];
  const chosen = picked ?? (fitting.find(({ live }) => live) ?? fitting[0])?.flowVersion ?? null;
  const problem = [doing.data, asking.data].find((answer) => answer && !answer.ok);
  const isBusy = doing.state !== 'idle' || isDone;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Go on under another version"
      description={`The run is on version ${run.flowVersion}. What has run stays; what has not begun follows the drawing of the version that you choose.`}
    >
      <div className="space-y-4" role="status">
        {versions ? (
          <VersionChoice versions={versions} chosen={chosen} onChoose={setPicked} />
        ) : problem ? null : (
          <p className="text-sm text-ink-2">Asking the run under which versions it can go on…</p>
        )}
        {problem && !problem.ok ? <ProblemNotice problem={problem.problem} /> : null}
        <DialogActions>
          <Button onClick={onClose}>Not now</Button>
          <Button
            variant="primary"
            icon={<ArrowUpFromLine size={15} aria-hidden />}
            disabled={isBusy || chosen === null}
            onClick={() => send(doing, { intent: 'migrate', key, version: String(chosen) })}
          >
            {isBusy ? 'Changing…' : 'Change the version'}
          </Button>
        </DialogActions>
      </div>
    </Dialog>
  );
};
