import type { Run, RunAttempt, RunLog, RunStep } from '@everwave/schema/api';
import type { FlowGraph, Json } from '@everwave/schema/flow';
import type { RunStatus } from '@everwave/schema/run';
import { idOf } from './ids.ts';

type Failure = NonNullable<RunStep['failure']>;

/** One step of a story: when it began after the run's start, how long it took, and how it went. Times in ms. */
export interface StepStory {
  readonly id: string;
  readonly at: number;
  readonly took?: number;
  readonly status?: RunStep['status'];
  readonly input?: Json;
  readonly output?: Json;
  /** One entry per attempt that failed. */
  readonly failures?: readonly Failure[];
  readonly dueIn?: number;
  /** Tokens in and out, and USD. */
  readonly used?: readonly [number, number, number];
}

export interface RunStory {
  readonly name: string;
  readonly flow: { readonly id: string; readonly name: string; readonly version: number; readonly graph: FlowGraph };
  readonly status: RunStatus;
  /** Ms before now. */
  readonly ago: number;
  readonly took?: number;
  readonly trigger: Json;
  readonly startedBy?: string;
  readonly steps?: readonly StepStory[];
  readonly failure?: Failure;
  readonly output?: Json;
}

const pause = 2_000;

const usageOf = (used: StepStory['used']): Pick<Run, 'meters' | 'costUsd'> => {
  if (!used) return { meters: [], costUsd: null };
  const [inputTokens, outputTokens, costUsd] = used;
  return {
    meters: [
      { meter: 'costUsd', unit: 'USD', amount: costUsd },
      { meter: 'inputTokens', unit: 'token', amount: inputTokens },
      { meter: 'outputTokens', unit: 'token', amount: outputTokens },
    ],
    costUsd,
  };
};

const totalOf = (steps: readonly StepStory[]): Pick<Run, 'meters' | 'costUsd'> => {
  const all = steps.flatMap(({ used }) => (used ? [used] : []));
  if (all.length === 0) return usageOf(undefined);
  const sum = (place: 0 | 1 | 2) => all.reduce((total, used) => total + used[place], 0);
  return usageOf([sum(0), sum(1), sum(2)]);
};

/** A run as the api tells it, made from a story. */
export const tellRun = (story: RunStory, now: number, webUrl: string): Run => {
  const id = idOf('run', story.name);
  const start = now - story.ago;
  const moment = (at: number): string => new Date(start + at).toISOString();
  const triggerNode = story.flow.graph.nodes.find((node) => node.kind.startsWith('trigger.'));
  const nodes = new Map(story.flow.graph.nodes.map((node) => [node.id as string, node]));
  const attempts: RunAttempt[] = [];
  const logs: RunLog[] = [];
  const log = (at: number, level: RunLog['level'], path: string | null, message: string): void => {
    logs.push({ id: logs.length + 1, at: moment(at), level, path, message, attributes: {} });
  };
  log(0, 'info', null, 'run started');

  const steps = (story.steps ?? []).map((step): RunStep => {
    const node = nodes.get(step.id);
    const kind = node?.kind ?? '';
    const status = step.status ?? 'succeeded';
    const failures = step.failures ?? [];
    const isAction = !kind.startsWith('control.') && status !== 'skipped';
    let at = step.at;
    for (const [index, failure] of failures.entries()) {
      const isLast = index === failures.length - 1 && status !== 'succeeded';
      const next = moment(at + 340 + pause * 2 ** index);
      attempts.push({
        path: step.id,
        ordinal: 1,
        attempt: index + 1,
        status: 'failed',
        startedAt: moment(at),
        finishedAt: moment(at + 340),
        nextAttemptAt: isLast && status !== 'retrying' ? null : next,
        failure: { ...failure, attempt: index + 1 },
      });
      log(at + 340, 'warn', step.id, `attempt failed: ${failure.name}`);
      at += 340 + pause * 2 ** index;
    }
    const isSettled = status === 'succeeded' || status === 'needs_attention' || status === 'failed';
    const end = status === 'succeeded' ? at + (step.took ?? 40) : at - pause * 2 ** (failures.length - 1);
    if (isAction && (status === 'succeeded' || status === 'running')) {
      attempts.push({
        path: step.id,
        ordinal: 1,
        attempt: failures.length + 1,
        status,
        startedAt: moment(at),
        finishedAt: status === 'succeeded' ? moment(end) : null,
        nextAttemptAt: null,
        failure: null,
      });
    }
    if (status === 'succeeded') log(end, 'info', step.id, 'step done');
    if (status === 'needs_attention') log(end, 'error', step.id, 'attempts used up; the run waits for a person');
    return {
      path: step.id,
      stepId: step.id,
      title: node?.title ?? step.id,
      kind,
      status,
      ordinal: 1,
      attempts: isAction ? attempts.filter((attempt) => attempt.path === step.id).length : 0,
      ...(step.input === undefined ? {} : { input: step.input }),
      ...(step.output === undefined || status !== 'succeeded' ? {} : { output: step.output }),
      failure: status === 'succeeded' ? null : (failures.at(-1) ?? null),
      startedAt: status === 'skipped' ? null : moment(step.at),
      finishedAt: isSettled ? moment(end) : status === 'skipped' ? moment(step.at) : null,
      dueAt: step.dueIn === undefined ? null : new Date(now + step.dueIn).toISOString(),
      ...usageOf(step.used),
    };
  });
  const isOpen = ['queued', 'running', 'waiting', 'needs_attention'].includes(story.status);
  if (!isOpen) log(story.took ?? 0, story.status === 'failed' ? 'error' : 'info', null, `run ${story.status}`);

  return {
    id,
    flowId: idOf('flow', story.flow.name),
    flowName: story.flow.name,
    flowVersion: story.flow.version,
    status: story.status,
    triggerKind: triggerNode?.kind ?? 'trigger.manual',
    startedBy: story.startedBy ?? null,
    failure: story.failure ?? null,
    createdAt: moment(0),
    startedAt: story.status === 'queued' ? null : moment(0),
    finishedAt: isOpen ? null : moment(story.took ?? 0),
    updatedAt: new Date(now).toISOString(),
    url: `${webUrl}/runs/${id}`,
    may: [],
    engineVersion: 1,
    planVersion: 1,
    planHash: 'b5f9c1de0a7746d2912cfe0b6d42b6f4d8f0ad5b53d8b5c0d5e17b6bd8be2f01',
    graph: story.flow.graph,
    trigger: {
      id: idOf('trg', story.flow.name),
      nodeId: triggerNode?.id ?? 'start',
      kind: triggerNode?.kind ?? 'trigger.manual',
      deliveryId: triggerNode?.kind === 'trigger.webhook' ? idOf('dlv', story.name) : null,
      data: story.trigger,
    },
    ...(story.output === undefined ? {} : { output: story.output }),
    steps,
    hiddenSteps: 0,
    ...totalOf(story.steps ?? []),
    attempts,
    logs,
    requestId: '6f0c2f1e-5a3f-4c7a-9f0e-2a51c3b1d7aa',
    rootRunId: id,
    forkOfRunId: null,
    forkAt: null,
    supersededByRunId: null,
    forks: [],
    resetAt: null,
    rerunOfRunId: null,
    replacedByRunId: null,
    placeWait: null,
    parent: null,
    children: [],
    workflowId: `t/${idOf('org', 'Hartwell Coffee')}/r/${id}`,
    temporalRunId: '019aa5b2-7c1e-7d55-9f3c-1f4a2f0d9b11',
    temporalUrl: `http://127.0.0.1:8233/namespaces/everwave/workflows/${id}`,
    dispatch: { attempts: story.status === 'queued' ? 2 : 1, nextAttemptAt: null },
  };
};
