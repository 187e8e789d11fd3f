import type { Plan } from '../../../flow/plan.ts';
import { advance, type Advanced } from '../../advance.ts';
import type { Command } from '../../command.ts';
import { createState } from '../../create-state.ts';
import type { KernelEvent, Repair } from '../../event.ts';
import { placeOf } from '../../place.ts';
import { findStep } from '../../turn.ts';
import type { Alarm, Happening, PersonalAct, Request, Subject } from './subject.ts';

/** Something put wrong on purpose, to see that the comparison notices. */
export interface Defect {
  /** The kernel is given another plan than the one that is meant. */
  readonly plan?: (plan: Plan) => Plan;
  /** What the kernel says is tampered with. Called once per run, so that it may remember things. */
  readonly tamper?: (plan: Plan) => (advanced: Advanced) => Advanced;
}

const person = { userId: 'user_1', name: 'Ada', role: 'operator' };

/** The kernel as it is, in the words of `subject.ts`. Its timers ring as long as they have not been cancelled. */
export const createKernel = (given: Plan, id: string, defect: Defect = {}): Subject => {
  const plan = defect.plan?.(given) ?? given;
  const tamper = defect.tamper?.(plan) ?? ((advanced: Advanced) => advanced);
  let state = createState(plan);
  let timers = new Map<string, Alarm>();
  const ordinalOf = (path: string): number => findStep({ state }, placeOf(path))?.ordinal ?? 1;

  const toEvents = (happening: Happening): KernelEvent | null => {
    const at = 0;
    switch (happening.type) {
      case 'started': {
        const { trigger } = happening;
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

  return {
    take: async (happening, at) => {
      const event = toEvents(happening);
      if (!event) return [];
      if (event.type === 'timerFired') timers.delete(event.timerId);
      const advanced = tamper(await advance(plan, state, { ...event, at }));
      ({ state } = advanced);
      for (const command of advanced.commands) {
        if (command.type === 'startTimer') {
          timers.set(command.timerId, { name: command.timerId.replace(/:\d+$/, ''), dueAt: command.dueAt });
        }
        if (command.type === 'cancelTimer') timers.delete(command.timerId);
        if (command.type === 'closeRun') timers = new Map();
      }
      return advanced.commands.flatMap(toRequest);
    },
    alarms: () => [...timers.values()],
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
      const { status, output, failure } = command;
      return [{ type: 'end', status, ...(output !== undefined && { output }), ...(failure && { failure }) }];
    }
    case 'startBatch':
    case 'stopBatch':
    case 'reportBatch':
      throw new Error('The loops of these drawings run in the run itself.');
    case 'startTimer':
    case 'cancelTimer':
      return [];
  }
};
