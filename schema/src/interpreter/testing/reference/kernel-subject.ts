import type { Plan } from '../../../flow/plan.ts';
import { advance, type Advanced } from '../../advance.ts';
import type { Command } from '../../command.ts';
import { createState } from '../../create-state.ts';
import type { KernelEvent, Repair } from '../../event.ts';
import { placeOf } from '../../place.ts';
import type { Forked } from '../../fork/fork-state.ts';
import { batchOf } from '../../open-batches.ts';
import type { RunState } from '../../state.ts';
import { findStep } from '../../turn.ts';
import { batchId, beginningOf, messageOf } from '../batch-messages.ts';
import type { Alarm, Happening, PersonalAct, Request, Subject } from './subject.ts';

/** Something put wrong on purpose, to see that the comparison notices. */
export interface Defect {
  /** The kernel is given another plan than the one that is meant. */
  readonly plan?: (plan: Plan) => Plan;
  /** What the kernel says is tampered with. Called once per run, so that it may remember things. */
  readonly tamper?: (plan: Plan) => (advanced: Advanced) => Advanced;
}

const person = { userId: 'user_1', name: 'Ada', role: 'operator' };

export interface KernelOptions extends Defect {
  /** A fork to go on with, once it is told to start. */
  readonly from?: Pick<Extract<Forked, { ok: true }>, 'state' | 'commands' | 'kept'>;
  /** Hears of everything that the kernel says. */
  readonly onCommand?: (command: Command) => void;
}

/** The run's own workflow, or that of a batch. */
interface Workflow {
  readonly id: string;
  readonly parent: Workflow | null;
  state: RunState;
  timers: Map<string, Alarm>;
}

/**
 * The kernel as it is, in the words of `subject.ts`. Its timers ring as long as they have not been cancelled. Loops whose
 * plan says so run in batches; what workflows send to each other arrives at once.
 */
export const createKernel = (given: Plan, id: string, options: KernelOptions = {}): Subject => {
  const { from, onCommand } = options;
  const plan = options.plan?.(given) ?? given;
  const tamper = options.tamper?.(plan) ?? ((advanced: Advanced) => advanced);
  const own: Workflow = { id: 'run', parent: null, state: from?.state ?? createState(plan), timers: new Map() };
  const workflows = new Map([[own.id, own]]);
  const mail: (readonly [Workflow, KernelEvent])[] = [];

  const holderOf = (path: string): Workflow => {
    let holder = own;
    for (let batch = batchOf(plan, own.state, path); batch; batch = batchOf(plan, holder.state, path)) {
      const inner = workflows.get(batchId(batch));
      if (!inner) throw new Error(`There is no batch ${batchId(batch)}.`);
      holder = inner;
    }
    return holder;
  };
  const receiverOf = (happening: Happening): Workflow => {
    if (happening.type === 'timer') {
      const isIts = ({ timers }: Workflow) => [...timers.values()].some(({ name }) => name === happening.name);
      return [...workflows.values()].find(isIts) ?? own;
    }
    if (happening.type === 'person') return 'path' in happening.does ? holderOf(happening.does.path) : own;
    return 'path' in happening ? holderOf(happening.path) : own;
  };

  const toEvent = (happening: Happening, { state, timers }: Workflow): KernelEvent | null => {
    const at = 0;
    const ordinalOf = (path: string): number => findStep({ state }, placeOf(path))?.ordinal ?? 1;
    switch (happening.type) {
      case 'started': {
        const { trigger } = happening;
        if (from) return { type: 'resumed', at };
        return {
          type: 'started',
          at,
          triggerStepId: 'start',
          trigger,
          run: { id, url: '', flowName: plan.title },
          seed: 1,
        };
      }
      case 'succeeded':
        return { ...happening, at, type: 'stepSucceeded', ordinal: ordinalOf(happening.path) };
      case 'failed':
        return { ...happening, at, type: 'stepFailed', ordinal: ordinalOf(happening.path), attempts: 1 };
      case 'deferred':
        return { ...happening, at, type: 'stepDeferred', ordinal: ordinalOf(happening.path), reason: 'later' };
      case 'stopped':
        return { ...happening, at, type: 'stepCancelled', ordinal: ordinalOf(happening.path) };
      case 'childBegan':
        return { ...happening, at, type: 'childStarted', ordinal: ordinalOf(happening.path) };
      case 'childEnded':
        return { ...happening, at, ordinal: ordinalOf(happening.path) };
      case 'event':
        return { ...happening, at, type: 'eventArrived', ordinal: ordinalOf(happening.path) };
      case 'answer': {
        const { path, decision, by } = happening;
        const answer = { path, ordinal: ordinalOf(path), decision, values: {}, comment: null };
        return { type: 'approvalAnswered', at, answer, by };
      }
      case 'person':
        return { type: 'repaired', at, repair: toRepair(happening.does), by: person };
      case 'cancel':
        return { type: 'cancelRequested', at };
      case 'timer': {
        const found = [...timers].find(([, { name }]) => name === happening.name);
        return found ? { type: 'timerFired', at, timerId: found[0] } : null;
      }
    }
  };

  const ringAt = ({ timers }: Workflow, timerId: string, dueAt: number): void =>
    void timers.set(timerId, { name: timerId.replace(/:\d+$/, ''), dueAt });

  const start = (parent: Workflow, command: Extract<Command, { type: 'startBatch' }>): readonly Request[] => {
    const { state, commands } = beginningOf(plan, parent.state, command);
    const batch: Workflow = { id: batchId(command), parent, state, timers: new Map() };
    workflows.set(batch.id, batch);
    return begin(batch, commands);
  };

  /** Timers of a state that was rebuilt run already. */
  const begin = (workflow: Workflow, commands: readonly Command[]): readonly Request[] => {
    for (const [timerId, { dueAt }] of Object.entries(workflow.state.timers)) ringAt(workflow, timerId, dueAt);
    if (workflow !== own) mail.push([workflow, { type: 'resumed', at: 0 }]);
    return commands.flatMap((command) => perform(workflow, command));
  };

  const perform = (workflow: Workflow, command: Command): readonly Request[] => {
    onCommand?.(command);
    const { timers, parent } = workflow;
    if (command.type === 'startTimer') ringAt(workflow, command.timerId, command.dueAt);
    if (command.type === 'cancelTimer') timers.delete(command.timerId);
    if (command.type === 'closeRun') workflow.timers = new Map();
    if (command.type === 'startBatch') return start(workflow, command);
    const message = messageOf(command);
    if (message) {
      const receiver = message.to === 'parent' ? parent : workflows.get(batchId(message.to));
      if (receiver) mail.push([receiver, message.event]);
    }
    return toRequest(command);
  };

  const feed = async (workflow: Workflow, event: KernelEvent, at: number): Promise<readonly Request[]> => {
    if (event.type === 'timerFired') workflow.timers.delete(event.timerId);
    const advanced = tamper(await advance(plan, workflow.state, { ...event, at }));
    workflow.state = advanced.state;
    return advanced.commands.flatMap((command) => perform(workflow, command));
  };

  return {
    take: async (happening, at) => {
      const requests: Request[] = [];
      if (happening.type === 'started' && from) {
        for (const transition of from.kept) requests.push(...perform(own, { type: 'reportStep', transition }));
        requests.push(...begin(own, from.commands));
      }
      const receiver = receiverOf(happening);
      const event = toEvent(happening, receiver);
      if (event) requests.push(...(await feed(receiver, event, at)));
      for (let next = mail.shift(); next; next = mail.shift()) requests.push(...(await feed(...next, at)));
      return requests;
    },
    alarms: () => [...workflows.values()].flatMap(({ timers }) => [...timers.values()]),
  };
};

const toRepair = (does: PersonalAct): Repair => {
  switch (does.act) {
    case 'retry':
      return { action: 'retryStep', path: does.path, ...(does.input !== undefined && { input: does.input }) };
    case 'complete':
      return { action: 'completeStep', path: does.path, output: does.output };
    case 'skip':
      return { action: 'skipStep', path: does.path };
    case 'failRun':
      return { action: 'failRun' };
    case 'cancelRun':
      return { action: 'cancelRun' };
  }
};

const toRequest = (command: Command): readonly Request[] => {
  switch (command.type) {
    case 'scheduleActivity': {
      const { path, input, generation, begunAgain = false, attemptsBefore = 0, options } = command;
      const { retry, startToCloseTimeout: timeout } = options;
      return [{ type: 'act', path, input, generation, begunAgain, attemptsBefore, retry, timeout }];
    }
    case 'cancelActivity':
      return [{ type: 'stop', path: command.path }];
    case 'startChild':
      return [{ type: 'startChild', path: command.path, input: command.input }];
    case 'cancelChild':
      return [{ type: 'stopChild', path: command.path }];
    case 'reportStep': {
      const { path, status, output, failure, waitsFor } = command.transition;
      return [
        {
          type: 'note',
          path,
          status,
          ...(output !== undefined && { output }),
          ...(failure && { failure }),
          ...(waitsFor && { waitsFor }),
        },
      ];
    }
    case 'reportRun':
      return [{ type: 'noteRun', status: command.transition.status }];
    case 'closeRun': {
      if (command.batch) return [];
      const { status, output, failure } = command;
      return [{ type: 'end', status, ...(output !== undefined && { output }), ...(failure && { failure }) }];
    }
    case 'startBatch':
    case 'stopBatch':
    case 'reportBatch':
    case 'startTimer':
    case 'cancelTimer':
      return [];
  }
};
