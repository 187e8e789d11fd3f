import { describeUsage, type Run, type RunStep } from '@everwave/schema/api';
import { type FlowGraph, type GraphNode, isCompensation } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import { GitBranch } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#app/components/ui/button.tsx';
import { ElapsedTime } from '#app/time/elapsed-time.tsx';
import { StepStatusPill } from '#app/components/ui/status-pill.tsx';
import { TabList, TabPanel } from '#app/components/ui/tabs.tsx';
import { ValueTree } from '#app/components/values/value-tree.tsx';
import { CountDown } from '#app/time/count-down.tsx';
import { NodeIcon } from '#app/flows/canvas/node-icon.tsx';
import { attemptsOf } from '#app/flows/canvas/step-view.ts';
import { KeptValueView } from '../value/kept-value.tsx';
import { stepValueUrl } from '../value/value-url.ts';
import { AttemptList } from './attempt-list.tsx';
import { FailureBlock } from './failure-block.tsx';
import { IterationPicker } from './iteration-picker.tsx';
import { ChildRunLink } from './related-run.tsx';
import { iterationWord } from '#app/words/iteration.ts';
import { RepairBar } from './repair-bar.tsx';
import type { RepairChoice } from './repairs.ts';
import { WaitsFor } from './waits-for.tsx';
import { useMayWithRun } from './use-may-with-run.ts';

interface StepInspectorProps {
  readonly run: Run;
  readonly node: GraphNode;
  /** Null when the run has not come to this step. */
  readonly step: RunStep | null;
  /** Where the step stands, also when the run has not come to it: `each[7].send`. */
  readonly path: string;
  readonly manifest: NodeManifest | undefined;
  /** The same step in other iterations of its loop; empty outside of loops. */
  readonly iterations: readonly RunStep[];
  readonly onSelect: (path: string) => void;
  readonly onRepair: (choice: RepairChoice) => void;
  readonly onFork: () => void;
}

type Tab = 'output' | 'input' | 'attempts';

const Nothing = ({ children }: { readonly children: string }) => <p className="text-ink-2">{children}</p>;

const firstTab = (step: RunStep): Tab => {
  if ((step.output !== undefined && step.output !== null) || step.outputReference) return 'output';
  return step.failure || step.attempts > 1 ? 'attempts' : 'input';
};

const StepTabs = ({ run, step }: { readonly run: Run; readonly step: RunStep }) => {
  const [chosen, setChosen] = useState<Tab | null>(null);
  const tab = chosen ?? firstTab(step);
  const attempts = attemptsOf(run, step.path);
  const tabs: readonly { readonly id: Tab; readonly label: string }[] = [
    { id: 'output', label: 'Output' },
    { id: 'input', label: 'Input' },
    ...(attempts.length > 0 ? [{ id: 'attempts' as const, label: `Attempts ${attempts.length}` }] : []),
  ];
  return (
    <>
      <TabList label="What to see of this step" tabs={tabs} selected={tab} onSelect={setChosen} />
      <TabPanel id={tab}>
        {tab === 'output' ? (
          step.outputReference ? (
            <KeptValueView
              key={`${step.path}#${step.ordinal}`}
              kept={step.outputReference}
              url={stepValueUrl(run.id, step, 'output')}
              root={`steps.${step.stepId}.output`}
            />
          ) : step.output === undefined ? (
            <Nothing>
              {step.finishedAt ? 'This step has no output.' : 'The output appears here when the step is done.'}
            </Nothing>
          ) : (
            <ValueTree value={step.output} root={`steps.${step.stepId}.output`} />
          )
        ) : tab === 'input' ? (
          step.inputReference ? (
            <KeptValueView
              key={`${step.path}#${step.ordinal}`}
              kept={step.inputReference}
              url={stepValueUrl(run.id, step, 'input')}
              root="input"
            />
          ) : step.input === undefined ? (
            <Nothing>No input is kept for this step.</Nothing>
          ) : (
            <ValueTree value={step.input} root="input" />
          )
        ) : (
          <AttemptList attempts={attempts} step={step} />
        )}
      </TabPanel>
    </>
  );
};

/** What an undo step undoes, in the author's words. */
const titleOfUndone = ({ nodes, edges }: FlowGraph, id: string): string | undefined => {
  const edge = edges.find((each) => isCompensation(each) && each.to === id);
  return nodes.find((each) => each.id === edge?.from)?.title;
};

/** Tokens and money, where a step used some. */
const UsageLine = ({ used }: { readonly used: Pick<RunStep, 'meters' | 'costUsd'> }) => {
  const words = describeUsage(used);
  return words === null ? null : <p className="text-xs text-ink-2 tabular-nums">{words}</p>;
};

/** A run that goes on by itself is left to it; what a branch left out has nothing to start from. */
const isForkable = (run: Run, { status }: RunStep): boolean =>
  ['succeeded', 'failed', 'cancelled', 'waiting', 'needs_attention'].includes(run.status) && status !== 'skipped';

const ForkButton = ({ onFork }: { readonly onFork: () => void }) =>
  useMayWithRun('runs:fork') ? (
    <div className="mt-3 mb-4">
      <Button size="sm" icon={<GitBranch size={14} aria-hidden />} onClick={onFork}>
        Start again from here
      </Button>
    </div>
  ) : null;

/** One step of the run: its state, why it failed and what to do, and the values that went in and came out. */
export const StepInspector = ({
  run,
  node,
  step,
  path,
  manifest,
  iterations,
  onSelect,
  onRepair,
  onFork,
}: StepInspectorProps) => {
  const undone = titleOfUndone(run.graph, node.id);
  return (
    <section aria-label={`Step ${node.title}`} className="card min-w-0">
      <header className="flex items-start gap-3 px-5 pt-4">
        <NodeIcon kind={node.kind} size={34} />
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold">{node.title}</h2>
          <p className="truncate text-xs text-ink-2">
            {manifest?.title ?? node.kind} · <span className="font-mono">{path}</span>
            {undone === undefined ? '' : ` · undoes ${undone}`}
            {step && step.ordinal > 1 ? ` · scheduled ${step.ordinal} times` : ''}
          </p>
          {step ? <UsageLine used={step} /> : null}
        </div>
        <div className="flex flex-col items-end gap-1 text-xs text-ink-2">
          <StepStatusPill status={step?.status ?? 'pending'} />
          {step?.startedAt && step.attempts > 0 ? (
            <ElapsedTime startedAt={step.startedAt} finishedAt={step.finishedAt} />
          ) : null}
        </div>
      </header>
      <div className="px-5 pt-4 pb-5">
        {iterationWord(path) !== null && iterations.length > 1 ? (
          <div className="mb-3">
            <IterationPicker
              steps={iterations}
              selectedPath={path}
              isPartial={run.hiddenSteps > 0}
              onSelect={onSelect}
            />
          </div>
        ) : null}
        {step === null ? (
          <Nothing>
            {iterationWord(path) === null
              ? 'The run has not come to this step.'
              : `The run has not come to this step in iteration ${iterationWord(path)}. Either it will, or the loop has fewer items.`}
          </Nothing>
        ) : (
          <>
            {step.dueAt && (step.status === 'retrying' || step.status === 'waiting') ? (
              <p className="mb-3 text-ink-2">
                {step.status === 'retrying' ? 'The next attempt is ' : 'Goes on '}
                <CountDown until={step.dueAt} />.
              </p>
            ) : null}
            <ChildRunLink run={run} step={step} />
            {step.waitsFor ? <WaitsFor waitsFor={step.waitsFor} /> : null}
            {step.failure ? (
              <FailureBlock failure={step.failure} status={step.status} attempts={step.attempts} />
            ) : null}
            {step.status === 'needs_attention' || step.waitsFor ? (
              <RepairBar isParked={step.status === 'needs_attention'} onChoose={onRepair} />
            ) : null}
            {isForkable(run, step) ? <ForkButton onFork={onFork} /> : null}
            {step.status === 'skipped' && step.attempts === 0 ? (
              <Nothing>
                {undone === undefined
                  ? 'The run took another way, so this step never ran.'
                  : 'There was nothing to undo, so this step never ran.'}
              </Nothing>
            ) : (
              <div className={step.failure ? 'mt-5' : undefined}>
                <StepTabs run={run} step={step} />
              </div>
            )}
          </>
        )}
      </div>
    </section>
  );
};
