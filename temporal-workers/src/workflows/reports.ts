import {
  type Actor,
  openBatches,
  placeOf,
  type Repair,
  type RunState,
  type RunTransition,
  type StepState,
  type StepTransition,
} from '@everwave/schema/interpreter';
import type { Plan } from '@everwave/schema/flow';
import {
  type ApprovalAnswer,
  approvalUrl,
  type Approver,
  isClosed,
  type RunFlowInput,
  type WaitsFor,
} from '@everwave/schema/run';
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

/** One thing that a workflow says about a run. */
export type Report = { readonly run: RunReference } & (
  | { readonly kind: 'step'; readonly transition: StepTransition }
  | { readonly kind: 'run'; readonly transition: RunTransition }
  | { readonly kind: 'repair'; readonly repair: Repair; readonly by: Actor; readonly at: number }
  /** A sub-flow's run begins. */
  | { readonly kind: 'started'; readonly begun: BegunRun; readonly at: number }
  | { readonly kind: 'answer'; readonly answer: ApprovalAnswer; readonly by: Approver; readonly at: number }
  /** The run goes on under another version of its flow. */
  | { readonly kind: 'migrated'; readonly version: RunVersion; readonly by: Actor; readonly at: number }
  /** The run has left its host for a workflow of its own. */
  | { readonly kind: 'ejected'; readonly temporalRunId: string; readonly at: number }
);

/** Where reports leave the workflow: they cost no activity and no event in history. */
export interface ProjectionSinks extends Sinks {
  projection: {
    report(reports: readonly Report[]): void;
  };
}

const { projection } = proxySinks<ProjectionSinks>();

export interface Reporter {
  add(report: Report): void;
  /** To be called before the workflow waits for anything. */
  send(): void;
}

/**
 * Gathers what a workflow task brings about, to send it at once: each message to the worker's main thread takes a copy of
 * everything that Temporal knows of the workflow, which is more than most reports.
 */
export const createReporter = (): Reporter => {
  let gathered: Report[] = [];
  return {
    add: (report) => void gathered.push(report),
    send: () => {
      if (gathered.length === 0) return;
      projection.report(gathered);
      gathered = [];
    },
  };
};

export const toReference = ({ orgId, runId, plan }: Pick<RunFlowInput, 'orgId' | 'runId' | 'plan'>): RunReference => ({
  orgId,
  runId,
  flowId: plan.flowId,
});

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const statusKey = keyword('EverwaveStatus');
const failingStepKey = keyword('EverwaveFailingStep');
const failureKey = keyword('EverwaveFailure');
const correlationKey = keyword('EverwaveCorrelationKey');

interface ParkedStep {
  readonly path: string;
  readonly title: string;
  readonly name: string;
  readonly message: string;
}

/** Some of a run's steps with their places, in the plan's order. */
const findSteps = (plan: Plan, state: RunState, isMeant: (step: StepState) => boolean) =>
  Object.entries(state.scopes).flatMap(([scope, { steps }]) =>
    Object.entries(steps)
      .filter(([, step]) => isMeant(step))
      .map(([stepId, step]) => ({
        path: scope === 'root' ? stepId : `${scope}.${stepId}`,
        title: plan.steps[stepId]?.title ?? stepId,
        step,
      })),
  );

/** The steps that wait for a person. */
const parkedSteps = (plan: Plan, state: RunState): ParkedStep[] => [
  ...findSteps(plan, state, ({ status }) => status === 'needs_attention').map(({ path, title, step: { failure } }) => ({
    path,
    title,
    name: failure?.name ?? 'failed',
    message: failure?.message ?? '',
  })),
  ...openBatches(state).flatMap(({ parked }) =>
    parked ? [{ path: parked.path, title: titleAt(plan, parked.path), ...parked.failure }] : [],
  ),
];

const titleAt = (plan: Plan, path: string): string => {
  const { stepId } = placeOf(path);
  return plan.steps[stepId]?.title ?? stepId;
};

interface WaitingStep {
  readonly path: string;
  readonly title: string;
  readonly waitsFor: WaitsFor;
}

/** The steps that wait for something from outside. */
const waitingSteps = (plan: Plan, state: RunState): WaitingStep[] =>
  findSteps(plan, state, ({ waitsFor }) => waitsFor !== undefined).flatMap(({ path, title, step: { waitsFor } }) =>
    waitsFor ? [{ path, title, waitsFor }] : [],
  );

interface Shown {
  readonly status: string;
  readonly failingStep: string | null;
  readonly failure: string | null;
  readonly correlation: string | null;
}

const toShown = (state: RunState, [first]: readonly ParkedStep[], waiting: readonly WaitingStep[]): Shown => {
  const correlation =
    waiting
      .map(({ waitsFor }) => (waitsFor.type === 'event' ? waitsFor.correlationKey : null))
      .find((key) => key !== null) ?? null;
  if (first) return { status: 'needs_attention', failingStep: first.path, failure: first.name, correlation };
  if (!isClosed(state.status)) return { status: 'running', failingStep: null, failure: null, correlation };
  return { status: state.status, failingStep: null, failure: state.failure?.name ?? null, correlation };
};

/** What a run with this state is found by in Temporal. */
export const shownAttributes = (plan: Plan, state: RunState): SearchAttributePair[] => {
  const { status, failingStep, failure, correlation } = toShown(
    state,
    parkedSteps(plan, state),
    waitingSteps(plan, state),
  );
  return [
    { key: statusKey, value: status },
    ...(failingStep === null ? [] : [{ key: failingStepKey, value: failingStep }]),
    ...(failure === null ? [] : [{ key: failureKey, value: failure }]),
    ...(correlation === null ? [] : [{ key: correlationKey, value: correlation }]),
  ];
};

/**
 * Keeps what an operator sees in Temporal's own UI up to date: search attributes, which cost an event and so change only
 * when a person must look or the run ends, and the details text, which costs nothing.
 */
export const createStatusReporter = (input: RunFlowInput, initial: RunState): ((state: RunState) => void) => {
  const { run } = input;
  let shown: Shown = toShown(initial, parkedSteps(input.plan, initial), waitingSteps(input.plan, initial));
  let details = '';
  return (state) => {
    const parked = parkedSteps(input.plan, state);
    const waiting = waitingSteps(input.plan, state);
    const next = toShown(state, parked, waiting);
    const changes = [
      { key: statusKey, before: shown.status, value: next.status },
      { key: failingStepKey, before: shown.failingStep, value: next.failingStep },
      { key: failureKey, before: shown.failure, value: next.failure },
      { key: correlationKey, before: shown.correlation, value: next.correlation },
    ].filter(({ before, value }) => before !== value);
    // What a batch means for the run is shown by the run.
    if (changes.length > 0 && !input.batch) upsertSearchAttributes(changes.map(({ key, value }) => ({ key, value })));
    shown = next;
    const text = toDetails(parked, waiting, run.url);
    if (text !== details) setCurrentDetails(text);
    details = text;
  };
};

const toDetails = (parked: readonly ParkedStep[], waiting: readonly WaitingStep[], url: string): string =>
  [
    ...parked.map(
      ({ path, title, message }) =>
        `**Waits for a person**: ${title} (\`${path}\`)\n\n> ${message}\n\n[Repair it in Everwave](${url})`,
    ),
    ...waiting.map(({ path, title, waitsFor }) =>
      waitsFor.type === 'event'
        ? `**Waits for an event**: ${title} (\`${path}\`): \`${waitsFor.event}\` with the key \`${waitsFor.correlationKey}\``
        : `**Waits for an answer**: ${title} (\`${path}\`)\n\n[Answer it in Everwave](${approvalUrl(url, path)})`,
    ),
  ].join('\n\n---\n\n');

const flowVersionKey = defineSearchAttributeKey('EverwaveFlowVersion', SearchAttributeType.INT);

/** The run is found by its new version. */
export const showVersion = (flowVersion: number): void =>
  upsertSearchAttributes([{ key: flowVersionKey, value: flowVersion }]);
