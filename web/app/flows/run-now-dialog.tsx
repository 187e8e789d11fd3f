import type { FlowSummary } from '@everwave/schema/api';
import { Play } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useFetcher, useNavigate } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { JsonEditor } from '#app/components/values/json-editor.tsx';
import { parseJson } from '#app/components/values/parse-json.ts';
import type { action } from './detail/route.tsx';

interface RunNowDialogProps {
  readonly flow: Pick<FlowSummary, 'id' | 'name' | 'version'>;
  readonly onClose: () => void;
  /** What the flow's last run was given, as a start. */
  readonly example?: string;
}

/** Starts the live version with an input of one's own. The key is made when the dialog opens, so a double press is one run. */
export const RunNowDialog = ({ flow, onClose, example = '{\n  \n}' }: RunNowDialogProps) => {
  const fetcher = useFetcher<typeof action>();
  const [text, setText] = useState(example);
  const [key] = useState(() => crypto.randomUUID());
  const result = fetcher.data;
  const isBusy = fetcher.state !== 'idle' || result?.ok === true;
  const navigate = useNavigate();

  // Not a redirect of the action: news of the run reloads this page at that very moment, and React Router then drops it.
  useEffect(() => {
    if (result?.ok) void navigate(`/runs/${result.value.runId}`);
  }, [result, navigate]);

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="md"
      title={`Run ${flow.name} now`}
      description={`Starts version ${flow.version} for real: its messages are sent and its changes are made. Steps read this input as trigger.body.`}
    >
      <fetcher.Form method="post" action={`/workflows/${flow.id}`}>
        <input type="hidden" name="intent" value="run" />
        <input type="hidden" name="key" value={key} />
        <input type="hidden" name="input" value={text} />
        <JsonEditor label="Input" text={text} onChange={setText} rows={11} />
        {result && !result.ok ? (
          <div className="mt-4">
            <ProblemNotice problem={result.problem} />
          </div>
        ) : null}
        <DialogActions>
          <Button onClick={onClose}>Not now</Button>
          <Button
            type="submit"
            variant="primary"
            icon={<Play size={15} aria-hidden />}
            disabled={!parseJson(text).ok || isBusy}
          >
            {isBusy ? 'Starting…' : 'Start the run'}
          </Button>
        </DialogActions>
      </fetcher.Form>
    </Dialog>
  );
};
