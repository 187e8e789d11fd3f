import type { Plan } from '../../flow/plan.ts';
import { evaluateActivity } from '../../run/large-value.ts';
import { isClosed } from '../../run/status.ts';
import { advance } from '../advance.ts';
import type { Command, StepTransition } from '../command.ts';
import { createState } from '../create-state.ts';
import type { BatchEnd, KernelEvent } from '../event.ts';
import type { Forked } from '../fork/fork-state.ts';
import { keepResults, withKeptResults } from '../frames/keep-results.ts';
import { pathOf } from '../place.ts';
import type { RunState } from '../state.ts';
import { batchId, beginningOf, messageOf } from './batch-messages.ts';
import { answerTo } from './large-values.ts';

/** A workflow of a run: its own, or that of a batch. */
export interface PlayedWorkflow {
  /** `run`, or where the batch is. */
  readonly id: string;
  state: RunState;
  readonly parent: PlayedWorkflow | null;
  /** What has been sent to it and has not arrived, in order. */
  readonly inbox: KernelEvent[];
  readonly asked: Set<string>;
}

export interface PlayedBatches {
  readonly state: RunState;
  readonly workflows: readonly PlayedWorkflow[];
  /** Of all workflows, in the order in which they came. */
  readonly commands: readonly Command[];
  /** What batches have told of their end, in the order in which they ended. */
  readonly ends: readonly BatchEnd[];
  /** The most activities that were under way at the same time. */
  readonly mostAtOnce: number;
}

export interface PlayBatches {
  readonly plan: Plan;
  readonly isFailing: (path: string, ordinal: number) => boolean;
  readonly choices: readonly number[];
  /** What an action gives; its path when absent. */
  readonly outputOf?: (path: string) => Given;
  /** Turns until it is left as it is; to its end, or until nothing happens any more, when absent. */
  readonly turns?: number;
  /** A fork to go on with, instead of a start. */
  readonly from?: Pick<Extract<Forked, { ok: true }>, 'state' | 'commands' | 'kept'>;
  /** An event of its own for one of the workflows, before the next one. */
  readonly disturb?: (
    workflows: readonly PlayedWorkflow[],
    turn: number,
  ) => readonly [PlayedWorkflow, KernelEvent] | null;
}

type Given = Pick<Extract<KernelEvent, { type: 'stepSucceeded' }>, 'output' | 'large'>;

/** Plays a run whose loops run in batches: messages between workflows take their time, and activities end in any order. */
export const playBatches = async (played: PlayBatches): Promise<PlayedBatches> => {
  const { plan, isFailing, choices, outputOf = (path) => ({ output: path }), from, turns = 5_000, disturb } = played;
  const commands: Command[] = (from?.kept ?? []).map((transition) => ({ type: 'reportStep', transition }));
  const state = from?.state ?? createState(plan);
  const own: PlayedWorkflow = { id: 'run', state, parent: null, inbox: [], asked: new Set() };
  const workflows = [own];
  const ends: BatchEnd[] = [];
  let mostAtOnce = 0;

  const start = async (parent: PlayedWorkflow, command: Extract<Command, { type: 'startBatch' }>): Promise<void> => {
    const id = batchId(command);
    if (workflows.some((each) => each.id === id)) throw new Error(`The batch ${id} was started twice.`);
    const { state: begun, commands: waitedFor } = beginningOf(plan, parent.state, command);
    const batch: PlayedWorkflow = { id, state: begun, parent, inbox: [], asked: new Set() };
    workflows.push(batch);
    for (const each of waitedFor) await perform(batch, each);
    batch.inbox.push({ type: 'resumed', at: 0 });
  };

  const perform = async (workflow: PlayedWorkflow, command: Command): Promise<void> => {
    commands.push(command);
    if (command.type === 'scheduleActivity' && command.activity === evaluateActivity) {
      workflow.inbox.push({ ...(await answerTo(command)), at: 0 });
    }
    if (command.type === 'startBatch') await start(workflow, command);
    if (command.type === 'cancelActivity') workflow.asked.add(`${command.path}~${command.ordinal}`);
    const message = messageOf(await withKept(workflow, command));
    if (!message) return;
    const { to, event } = message;
    if (event.type === 'batchEnded') ends.push(event.end);
    const receiver = to === 'parent' ? workflow.parent : workflows.find(({ id }) => id === batchId(to));
    receiver?.inbox.push(event);
  };

  /** What a batch gives may be kept outside before it tells of its end. */
  const withKept = async ({ state: ending }: PlayedWorkflow, command: Command): Promise<Command> => {
    if (command.type !== 'closeRun' || !command.batch) return command;
    const keeping = keepResults(plan, ending, command.batch);
    const { large } = keeping ? await answerTo(keeping) : {};
    return large ? { ...command, batch: withKeptResults(plan, command.batch, large) } : command;
  };

  const feed = async (workflow: PlayedWorkflow, event: KernelEvent): Promise<void> => {
    const advanced = await advance(plan, workflow.state, event);
    workflow.state = JSON.parse(JSON.stringify(advanced.state)) as RunState;
    for (const command of advanced.commands) await perform(workflow, command);
  };

  const running = () =>
    workflows.flatMap((workflow) =>
      isClosed(workflow.state.status)
        ? []
        : Object.entries(workflow.state.scopes).flatMap(([scope, { steps }]) =>
            Object.entries(steps).flatMap(([stepId, { status, ordinal }]) =>
              status === 'running' && plan.steps[stepId]?.type === 'action'
                ? [{ workflow, path: pathOf({ scope, stepId }), ordinal }]
                : [],
            ),
          ),
    );

  const run = { id: 'run_1', url: '', flowName: 'Any' };
  if (from) {
    for (const command of from.commands) await perform(own, command);
    await feed(own, { type: 'resumed', at: 0 });
  } else await feed(own, { type: 'started', at: 0, triggerStepId: 'start', trigger: null, run, seed: 3 });
  for (let turn = 0; turn < turns && !isClosed(own.state.status); turn += 1) {
    const disturbance = disturb?.(workflows, turn);
    if (disturbance) {
      await feed(...disturbance);
      continue;
    }
    const messages = workflows.filter(({ inbox }) => inbox.length > 0);
    const active = running();
    mostAtOnce = Math.max(mostAtOnce, active.length);
    const count = messages.length + active.length;
    if (count === 0) break;
    const choice = (choices[turn % Math.max(1, choices.length)] ?? 0) % count;
    const receiver = messages[choice];
    const message = receiver?.inbox.shift();
    if (receiver && message) {
      await feed(receiver, message);
      continue;
    }
    const step = active[choice - messages.length];
    if (!step) continue;
    const { workflow, path, ordinal } = step;
    if (workflow.asked.has(`${path}~${ordinal}`)) await feed(workflow, { type: 'stepCancelled', at: 0, path, ordinal });
    else if (isFailing(path, ordinal)) {
      const failure = { name: 'broken', message: 'It broke.' };
      await feed(workflow, { type: 'stepFailed', at: 0, path, ordinal, failure, attempts: 3 });
    } else await feed(workflow, { type: 'stepSucceeded', at: 0, path, ordinal, ...outputOf(path) });
  }
  return { state: own.state, workflows, commands, ends, mostAtOnce };
};

/** The last report of each step, by path and ordinal, without what depends on the order of events. */
export const rowsOf = (commands: readonly Command[]): { readonly [step: string]: Omit<StepTransition, 'seq' | 'at'> } =>
  Object.fromEntries(
    commands.flatMap((command) => {
      if (command.type !== 'reportStep') return [];
      const { seq: _, at: __, ...row } = command.transition;
      return [[`${row.path}~${row.ordinal}`, row]];
    }),
  );
