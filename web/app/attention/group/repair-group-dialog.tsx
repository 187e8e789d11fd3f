import type { DeadLetter, DeadLetterGroupDetail } from '@everwave/schema/api';
import type { NodeManifest } from '@everwave/schema/node';
import { useEffect, useRef, useState } from 'react';
import { useFetcher } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { useToast } from '#app/components/ui/toaster.tsx';
import { JsonEditor } from '#app/components/values/json-editor.tsx';
import { fieldsOf } from '#app/schema-form/fields-of.ts';
import { SchemaFields } from '#app/schema-form/schema-fields.tsx';
import { UntilLoaded } from '#app/runs/value/until-loaded.tsx';
import { useKeptValue } from '#app/runs/value/use-kept-value.ts';
import { stepValueUrl } from '#app/runs/value/value-url.ts';
import { formatCount } from '#app/words/numbers.ts';
import type { action } from './route.tsx';

export type GroupChoice = 'retry' | 'edit' | 'complete' | 'skip' | 'fail';

const titles: Readonly<Record<GroupChoice, (step: string) => string>> = {
  retry: (step) => `Retry every “${step}”`,
  edit: (step) => `Retry every “${step}” with an edit`,
  complete: (step) => `Complete every “${step}” by hand`,
  skip: (step) => `Skip every “${step}”`,
  fail: () => 'Fail these runs',
};

const verbs: Readonly<Record<GroupChoice, string>> = {
  retry: 'Retry in',
  edit: 'Retry in',
  complete: 'Complete in',
  skip: 'Skip in',
  fail: 'Fail',
};

interface RepairGroupDialogProps {
  readonly group: DeadLetterGroupDetail;
  readonly choice: GroupChoice;
  /** Whose input the form starts with. */
  readonly letter: DeadLetter | undefined;
  readonly manifest: NodeManifest | undefined;
  readonly onClose: () => void;
}

/** Asks for what a repair of the whole group needs, says in numbers what it will do, and begins it once. */
export const RepairGroupDialog = ({ group, choice, letter, manifest, onClose }: RepairGroupDialogProps) => {
  const fetcher = useFetcher<typeof action>();
  const toast = useToast();
  const form = useRef<HTMLFormElement>(null);
  const [requestId] = useState(() => crypto.randomUUID());
  const [output, setOutput] = useState(() => JSON.stringify(manifest?.examples[0]?.output ?? {}, null, 2));
  /** What was typed since the numbers were asked for. */
  const [isStale, setIsStale] = useState(false);
  const [doubtful, setDoubtful] = useState<'leave' | 'repeat'>('leave');
  const kept = useKeptValue(
    choice === 'edit' && letter?.inputReference ? stepValueUrl(letter.runId, letter, 'input') : null,
  );
  const isLoaded = kept !== null && kept !== 'loading' && kept.ok;
  const needsValue = choice === 'edit' || choice === 'complete';
  const result = fetcher.data;
  const preview = !isStale && result?.ok && result.value.did === 'previewed' ? result.value.preview : null;
  const problem = result && !result.ok ? result.problem : null;
  const isBusy = fetcher.state !== 'idle';

  const changeOutput = (text: string): void => {
    setOutput(text);
    setIsStale(true);
  };
  const ask = (): void => {
    // The dialog's content comes after its first effects: until then there is nothing to read but what stands here.
    const fields = form.current ? new FormData(form.current) : new FormData();
    for (const [name, value] of Object.entries({ intent: 'preview', action: choice, requestId, doubtful })) {
      fields.set(name, value);
    }
    setIsStale(false);
    void fetcher.submit(fields, { method: 'post' });
  };
  useEffect(() => {
    if (needsValue) setIsStale(true);
    else ask();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once for each answer that a person gives
  }, [doubtful]);
  useEffect(() => {
    if (!result?.ok || result.value.did !== 'began') return;
    toast('The repair has begun. It goes on if you leave this page.');
    onClose();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per answer
  }, [result]);

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size={needsValue ? 'lg' : 'md'}
      title={titles[choice](group.stepTitle)}
      description="One run goes first. The others follow only when its step has succeeded; otherwise they stay untouched."
    >
      <fetcher.Form ref={form} method="post" className="space-y-5">
        <input type="hidden" name="intent" value="repair" />
        <input type="hidden" name="action" value={choice} />
        <input type="hidden" name="requestId" value={requestId} />
        <input type="hidden" name="letterId" value={letter?.id ?? ''} />
        {choice === 'edit' && manifest ? (
          <fieldset className="space-y-5" onChange={() => setIsStale(true)}>
            <legend className="mb-3 text-ink-2">
              This is the input of one run. What you change here is changed in every run; what you leave stays as it is
              in each.
            </legend>
            <UntilLoaded
              input={kept}
              advice="Retry them as they are, or edit one that is smaller: the page of each step offers it."
            >
              <SchemaFields
                schema={manifest.input}
                prefix="input"
                values={fieldsOf(isLoaded ? kept.value : letter?.input) ?? {}}
                errors={problem?.errors ?? []}
              />
            </UntilLoaded>
          </fieldset>
        ) : null}
        {choice === 'complete' ? (
          <>
            <input type="hidden" name="output" value={output} />
            <JsonEditor label="Output" text={output} onChange={changeOutput} rows={10} />
          </>
        ) : null}
        {choice === 'retry' || choice === 'edit' ? (
          <label className="flex items-start gap-2">
            <input
              type="checkbox"
              name="doubtful"
              value="repeat"
              checked={doubtful === 'repeat'}
              onChange={(event) => setDoubtful(event.target.checked ? 'repeat' : 'leave')}
              className="mt-0.5 size-4 accent-[var(--coral)]"
            />
            <span>
              Also those whose effect may have happened already
              <span className="block text-xs text-ink-2">Look at the service first: they may happen twice.</span>
            </span>
          </label>
        ) : null}
        <div role="status" className="min-h-12">
          {preview ? (
            <Notice tone={preview.repeated > 0 ? 'warn' : 'info'} title={formatCount(preview.runs, 'run')}>
              {preview.words}
            </Notice>
          ) : isBusy ? (
            <p className="text-ink-2">Counting…</p>
          ) : null}
        </div>
        {problem ? <ProblemNotice problem={problem} /> : null}
        <DialogActions>
          <Button onClick={onClose}>Go back</Button>
          {needsValue ? (
            <Button onClick={ask} disabled={isBusy || (kept !== null && !isLoaded)}>
              Say what it will do
            </Button>
          ) : null}
          <Button
            type="submit"
            variant={choice === 'fail' ? 'danger' : 'primary'}
            disabled={isBusy || !preview || preview.letters === 0}
          >
            {preview ? `${verbs[choice]} ${formatCount(preview.runs, 'run')}` : 'Repair'}
          </Button>
        </DialogActions>
      </fetcher.Form>
    </Dialog>
  );
};
