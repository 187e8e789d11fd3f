import { expressLimits } from '@everwave/schema/run';
import type { ScheduleActivity } from './outcome.ts';

/** An express step on its way, and what the run's clock said when it began. */
export interface Express<Owner> {
  readonly owner: Owner;
  readonly command: ScheduleActivity;
  readonly begunAt: number;
}

export interface ExpressLane<Owner> {
  /** Begins the step, or lets it wait until another one has ended. `at`: the run's clock, Unix ms. */
  schedule(owner: Owner, command: ScheduleActivity, at: number): void;
  /** The step has ended: another one may begin. */
  end(step: Express<Owner>, at: number): void;
  /** Takes back a step that has not begun. False when it has, or is not in the lane. */
  takeBack(owner: Owner, step: StepReference): boolean;
  /** The step that is under way under this name. */
  find(owner: Owner, step: StepReference): Express<Owner> | undefined;
  /** Steps under way, in the order in which they began. */
  underWay(): readonly Express<Owner>[];
  isBusy(): boolean;
  /** Steps of one owner, under way or waiting. */
  countOf(owner: Owner): number;
}

type StepReference = Pick<ScheduleActivity, 'path' | 'ordinal'>;

/**
 * The express steps of one workflow: so many at once, the others in order. Pure, because a history is folded by the same
 * rules by which it was made. One workflow can hold several runs: `Owner` says whose step it is.
 */
export const createExpressLane = <Owner>(begin: (step: Express<Owner>) => void): ExpressLane<Owner> => {
  const running = new Set<Express<Owner>>();
  let waiting: Omit<Express<Owner>, 'begunAt'>[] = [];

  const start = (step: Omit<Express<Owner>, 'begunAt'>, at: number): void => {
    const begun = { ...step, begunAt: at };
    running.add(begun);
    begin(begun);
  };
  const isMeant =
    (owner: Owner, { path, ordinal }: StepReference) =>
    (step: Omit<Express<Owner>, 'begunAt'>) =>
      step.owner === owner && step.command.path === path && step.command.ordinal === ordinal;

  return {
    schedule: (owner, command, at) => {
      if (running.size < expressLimits.atOnce) start({ owner, command }, at);
      else waiting.push({ owner, command });
    },
    end: (step, at) => {
      running.delete(step);
      const next = waiting.shift();
      if (next) start(next, at);
    },
    takeBack: (owner, reference) => {
      const before = waiting.length;
      waiting = waiting.filter((step) => !isMeant(owner, reference)(step));
      return waiting.length < before;
    },
    find: (owner, reference) => [...running].find(isMeant(owner, reference)),
    underWay: () => [...running],
    isBusy: () => running.size > 0,
    countOf: (owner) => [...running, ...waiting].filter((step) => step.owner === owner).length,
  };
};
