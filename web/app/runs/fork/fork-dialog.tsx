import type { ForkPreview, Run, RunFork, RunStep } from '@everwave/schema/api';
import { GitBranch } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useFetcher, useNavigate } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { SelectField } from '#app/components/ui/field.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { parseJson } from '#app/components/values/parse-json.ts';
import { EditValues } from './edit-values.tsx';
import { ForkVerdict } from './fork-verdict.tsx';
import { againIn, type ForkScope, toQuestion, toScope } from './fork-scope.ts';
import { acceptedOf } from './group-effects.ts';
import type { action } from './route.ts';

interface ForkDialogProps {
  readonly run: Run;
  readonly step: RunStep;
  /** The newest of each step. */
  readonly steps: readonly RunStep[];
  readonly onClose: () => void;
}

/**
 * Starts the run again from one step. Says first what that does; what would happen outside once more is ticked one by
 * one. The key is made when the dialog opens, so a double press is one run.
 */
export const ForkDialog = ({ run, step, steps, onClose }: ForkDialogProps) => {
  const verdict = useFetcher<typeof action>({ key: `fork-verdict-${step.path}` });
  const start = useFetcher<typeof action>({ key: `fork-start-${step.path}` });
  const navigate = useNavigate();
  const [key] = useState(() => crypto.randomUUID());
  const [scope, setScope] = useState<ForkScope>(run.parent?.waits ? 'around' : 'alone');
  const [version, setVersion] = useState<'own' | 'live'>('own');
  const [edited, setEdited] = useState<Readonly<Record<string, string>>>({});
  const [input, setInput] = useState<string | null>(null);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());

  const texts = [...Object.values(edited), ...(input === null ? [] : [input])];
  const isJson = texts.every((text) => parseJson(text).ok);
  const valueOf = (text: string) => {
    const parsed = parseJson(text);
    return parsed.ok ? parsed.value : null;
  };
  const asked = (accept: readonly string[]): { readonly runId: string; readonly fork: string } => {
    const fork = {
      from: step.path,
      outputs: Object.fromEntries(Object.entries(edited).map(([path, text]) => [path, valueOf(text)])),
      ...(input !== null && { input: valueOf(input) }),
      version,
      accept: [...accept],
    };
    const { runId, request } = toScope(run, scope, fork);
    return { runId, fork: JSON.stringify(request satisfies Partial<Record<keyof RunFork, unknown>>) };
  };
  const send = (fetcher: typeof verdict, intent: 'preview' | 'start', accept: readonly string[] = []): void => {
    const { runId, fork } = asked(accept);
    void fetcher.submit({ key, intent, fork }, { method: 'post', action: `/runs/${runId}/fork` });
  };

  const { runId, fork } = asked([]);
  const question = isJson ? toQuestion(runId, fork) : null;
  useEffect(() => {
    if (question === null) return undefined;
    const timer = setTimeout(() => send(verdict, 'preview'), 250);
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per question
  }, [question]);

  const started = start.data?.ok ? start.data.value.started : null;
  useEffect(() => {
    if (!started) return;
    onClose();
    void navigate(`/runs/${started.runId}`);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per answer
  }, [started]);

  const preview: ForkPreview | null = verdict.data?.ok ? verdict.data.value.preview : null;
  /** While the verdict is about what was chosen before, it is read but not acted on. */
  const isCurrent = verdict.data !== undefined && 'question' in verdict.data && verdict.data.question === question;
  const accepted = preview && isCurrent ? acceptedOf(preview, ticked) : null;
  const isBusy = start.state !== 'idle' || started !== null;
  const problem = [start.data, verdict.data].find((answer) => answer && !answer.ok);

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Start again from “${step.title}”`}
      description="Starts a new run that takes over what came before this step. The step and everything behind it run again."
    >
      <div className="space-y-5">
        {run.parent?.waits ? (
          <SelectField
            label="This run is a sub-flow"
            value={scope}
            onChange={(event) => {
              setScope(event.target.value === 'alone' ? 'alone' : 'around');
              setTicked(new Set());
            }}
          >
            <option value="around">Go on with the flow around it, too</option>
            <option value="alone">Start this run alone</option>
          </SelectField>
        ) : null}
        <SelectField
          label="Version"
          value={version}
          onChange={(event) => setVersion(event.target.value === 'live' ? 'live' : 'own')}
        >
          <option value="own">The one that ran{scope === 'alone' ? `: version ${run.flowVersion}` : ''}</option>
          <option value="live">The one that is live now</option>
        </SelectField>
        <EditValues
          step={step}
          steps={steps}
          again={preview ? againIn(run, scope, preview) : []}
          edited={edited}
          onEdit={setEdited}
          input={input}
          onInput={setInput}
        />
        {preview ? <ForkVerdict preview={preview} isCurrent={isCurrent} ticked={ticked} onTick={setTicked} /> : null}
        {problem && !problem.ok ? <ProblemNotice problem={problem.problem} /> : null}
        <DialogActions>
          <Button onClick={onClose}>Not now</Button>
          <Button
            variant="primary"
            icon={<GitBranch size={15} aria-hidden />}
            disabled={isBusy || !isJson || !preview?.fits || accepted === null}
            onClick={() => send(start, 'start', accepted ?? [])}
          >
            {isBusy ? 'Starting…' : 'Start a new run'}
          </Button>
        </DialogActions>
      </div>
    </Dialog>
  );
};
