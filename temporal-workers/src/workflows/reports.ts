import type { Actor, Repair, RunState, RunTransition, StepTransition } from '@everwave/schema/interpreter';
import type { Plan } from '@everwave/schema/flow';
import { isClosed, type RunFlowInput } from '@everwave/schema/run';
import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common';
import { proxySinks, setCurrentDetails, type Sinks, upsertSearchAttributes } from '@temporalio/workflow';
import type { BegunRun } from './begun-run.ts';

/** Which run a report is about. */
export interface RunReference {
  readonly orgId: string;
  readonly runId: string;
  readonly flowId: string;
}

/** Which version of its flow a run executes. */
export interface RunVersion {
  readonly flowVersion: number;
  readonly planHash: string;
}

/** Where transitions leave the workflow: they cost no activity and no event in history. */
export interface ProjectionSinks extends Sinks {
  projection: {
    step(run: RunReference, transition: StepTransition): void;
    run(run: RunReference, transition: RunTransition): void;
    repair(run: RunReference, repair: Repair, by: Actor, at: number): void;
    /** A sub-flow's run begins. */
    started(run: RunReference, begun: BegunRun, at: number): void;
    /** The run goes on under another version of its flow. */
    migrated(run: RunReference, version: RunVersion, by: Actor, at: number): void;
    /** The run has left its host for a workflow of its own. */
    ejected(run: RunReference, ownTemporalRunId: string, at: number): void;
  };
}

export const { projection } = proxySinks<ProjectionSinks>();

export const toReference = ({ orgId, runId, plan }: Pick<RunFlowInput, 'orgId' | 'runId' | 'plan'>): RunReference => ({
  orgId,
  runId,
  flowId: plan.flowId,
});

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const statusKey = keyword('EverwaveStatus');
const failingStepKey = keyword('EverwaveFailingStep');
const failureKey = keyword('EverwaveFailure');

interface ParkedStep {
  readonly path: string;
  readonly title: string;
  readonly name: string;
  readonly message: string;
}

/** The steps that wait for a person, in the plan's order. */
const parkedSteps = (plan: Plan, state: RunState): ParkedStep[] =>
  Object.entries(state.scopes).flatMap(([scope, { steps }]) =>
    Object.entries(steps)
      .filter(([, step]) => step.status === 'needs_attention')
      .map(([stepId, { failure }]) => ({
        path: scope === 'root' ? stepId : `${scope}.${stepId}`,
        title: plan.steps[stepId]?.title ?? stepId,
        name: failure?.name ?? 'failed',
        message: failure?.message ?? '',
      })),
  );

interface Shown {
  readonly status: string;
  readonly failingStep: string | null;
  readonly failure: string | null;
}

const toShown = (state: RunState, [first]: readonly ParkedStep[]): Shown => {
  if (first) return { status: 'needs_attention', failingStep: first.path, failure: first.name };
  if (!isClosed(state.status)) return { status: 'running', failingStep: null, failure: null };
  return { status: state.status, failingStep: null, failure: state.failure?.name ?? null };
};

/** What a run with this state is found by in Temporal. */
export const shownAttributes = (plan: Plan, state: RunState): SearchAttributePair[] => {
  const { status, failingStep, failure } = toShown(state, parkedSteps(plan, state));
  return [
    { key: statusKey, value: status },
    ...(failingStep === null ? [] : [{ key: failingStepKey, value: failingStep }]),
    ...(failure === null ? [] : [{ key: failureKey, value: failure }]),
  ];
};

/**
 * Keeps what an operator sees in Temporal's own UI up to date: search attributes, which cost an event and so change only
 * when a person must look or the run ends, and the details text, which costs nothing.
 */
export const createStatusReporter = (input: RunFlowInput, initial: RunState): ((state: RunState) => void) => {
  const { run } = input;
  let shown: Shown = toShown(initial, parkedSteps(input.plan, initial));
  let details = '';
  return (state) => {
    const parked = parkedSteps(input.plan, state);
    const next = toShown(state, parked);
    const changes = [
      { key: statusKey, before: shown.status, value: next.status },
      { key: failingStepKey, before: shown.failingStep, value: next.failingStep },
      { key: failureKey, before: shown.failure, value: next.failure },
    ].filter(({ before, value }) => before !== value);
    if (changes.length > 0) upsertSearchAttributes(changes.map(({ key, value }) => ({ key, value })));
    shown = next;
    const text = toDetails(parked, run.url);
    if (text !== details) setCurrentDetails(text);
    details = text;
  };
};

const toDetails = (parked: readonly ParkedStep[], url: string): string =>
  parked
    .map(
      ({ path, title, message }) =>
        `**Waits for a person**: ${title} (\`${path}\`)\n\n> ${message}\n\n[Repair it in Everwave](${url})`,
    )
    .join('\n\n---\n\n');

const flowVersionKey = defineSearchAttributeKey('EverwaveFlowVersion', SearchAttributeType.INT);

/** The run is found by its new version. */
export const showVersion = (flowVersion: number): void =>
  upsertSearchAttributes([{ key: flowVersionKey, value: flowVersion }]);
