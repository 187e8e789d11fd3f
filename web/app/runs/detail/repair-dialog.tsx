import type { Run, RunStep } from '@everwave/schema/api';
import type { NodeManifest } from '@everwave/schema/node';
import { useEffect, useMemo, useState } from 'react';
import { useFetcher } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { useToast } from '#app/components/ui/toaster.tsx';
import { JsonEditor } from '#app/components/values/json-editor.tsx';
import { parseJson } from '#app/components/values/parse-json.ts';
import { toFormFields } from '#app/schema-form/form-fields.ts';
import { InputEditor } from './input-editor.tsx';
import { UntilLoaded } from '../value/until-loaded.tsx';
import { useKeptValue } from '../value/use-kept-value.ts';
import { stepValueUrl } from '../value/value-url.ts';
import { type RepairChoice, repairDraft, repairWords, toRepairRequest } from './repairs.ts';
import type { action } from './route.tsx';

interface RepairDialogProps {
  readonly run: Run;
  readonly repair: RepairChoice;
  readonly step: RunStep | null;
  readonly manifest?: NodeManifest | undefined;
  readonly onClose: () => void;
}

/** Says what a repair will do, asks for what it needs, and does it once. */
export const RepairDialog = ({ run, repair, step, manifest, onClose }: RepairDialogProps) => {
  const fetcher = useFetcher<typeof action>();
  const toast = useToast();
  const subject = { run, step, manifest };
  const words = repairWords(repair, subject);
  const [draft] = useState(() => repairDraft(repair, subject));
  const [requestId] = useState(() => crypto.randomUUID());
  const kept = useKeptValue(
    repair === 'retryWithInput' && step?.inputReference ? stepValueUrl(run.id, step, 'input') : null,
  );
  // Nobody edits the beginning of a value and sends it as the whole.
  const isWhole = kept === null || (kept !== 'loading' && kept.ok);
  const [typed, setText] = useState<string | null>(null);
  const begun = kept !== null && kept !== 'loading' && kept.ok ? kept.value : (draft ?? null);
  const text = useMemo(() => typed ?? JSON.stringify(begun, null, 2), [typed, begun]);
  const value = parseJson(text);
  const request =
    isWhole && value.ok ? toRepairRequest(repair, step?.path ?? null, value.value, requestId, begun) : null;
  const isBusy = fetcher.state !== 'idle';
  const result = fetcher.data;

  useEffect(() => {
    if (!result?.ok) return;
    toast(words.done);
    onClose();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per answer
  }, [result]);

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size={draft === undefined ? 'sm' : 'md'}
      title={words.title}
      description={words.effect}
    >
      <fetcher.Form method="post" action={`/runs/${run.id}`} className="space-y-4">
        <input type="hidden" name="repair" value={request ? JSON.stringify(request) : ''} />
        {repair === 'retryStep' && step?.failure?.unsure ? (
          <Notice tone="warn" title="This may happen twice">
            Nobody knows whether the last attempt reached the service.
          </Notice>
        ) : null}
        {draft === undefined ? null : (
          <UntilLoaded
            input={kept}
            advice="Retry the step as it is, complete it with an output, or change some of its fields with the CLI: everwave run repair with --edit."
          >
            {repair === 'retryWithInput' && manifest && toFormFields(manifest.input).length > 0 ? (
              <InputEditor schema={manifest.input} text={text} onChange={setText} />
            ) : (
              <JsonEditor
                label={repair === 'completeStep' ? 'Output' : 'Input'}
                text={text}
                onChange={setText}
                rows={12}
              />
            )}
          </UntilLoaded>
        )}
        {result && !result.ok ? <ProblemNotice problem={result.problem} /> : null}
        <DialogActions>
          <Button onClick={onClose}>Go back</Button>
          <Button type="submit" variant={words.isDanger ? 'danger' : 'primary'} disabled={request === null || isBusy}>
            {isBusy ? 'Working…' : words.button}
          </Button>
        </DialogActions>
      </fetcher.Form>
    </Dialog>
  );
};
