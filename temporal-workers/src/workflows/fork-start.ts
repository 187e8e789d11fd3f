import {
  forkRefusedFailure,
  type Failure,
  type RunFlowInput,
  type StartedFork,
  type StartForkInput,
  startForkActivity,
} from '@everwave/schema/run';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { scheduleActivity } from '@temporalio/workflow';
import type { Happening } from './arrival.ts';
import { isUnsealed } from './outcome.ts';
import { toStarted } from './started.ts';

/** Its id in history: no step has such a one. */
export const forkActivityId = 'everwave/fork';

/** How a fork begins: from a state and what stands in it, or not at all. */
export type ForkBeginning =
  | { readonly forked: StartedFork; readonly first: Happening }
  | { readonly forked: null; readonly first: Happening };

/** Has a worker supersede the origin and make the state that this run begins with. Repeated until it is one or the other. */
export const beginFork = async (input: RunFlowInput, at: number): Promise<ForkBeginning> => {
  const request = toStartForkInput(input, at);
  if (!request) throw new Error('The run is no fork.');
  try {
    const result = await scheduleActivity<unknown>(startForkActivity, [request], {
      activityId: forkActivityId,
      summary: 'Take over the state of the run that is started again',
      startToCloseTimeout: '30m',
      heartbeatTimeout: '30s',
      retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '15s' },
    });
    return toBeginning(result);
  } catch (error) {
    return toRefusedBeginning(error);
  }
};

const toStartForkInput = (input: RunFlowInput, at: number): StartForkInput | null => {
  const started = toStarted(input);
  if (!input.fork || started.type !== 'started') return null;
  const { orgId, runId, plan, planHash, fork, env } = input;
  return { orgId, runId, plan, planHash, fork, run: started.run, seed: started.seed, at, ...(env && { env }) };
};

export const toBeginning = (result: unknown): ForkBeginning =>
  isUnsealed(result)
    ? toRefusedBeginning(new Error('The state to begin with did not come from a worker of ours.'))
    : { forked: result as StartedFork, first: { type: 'resumed' } };

/** Also decides how a history is folded. */
export const toRefusedBeginning = (error: unknown): ForkBeginning => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const details =
    cause instanceof ApplicationFailure ? (cause.details?.[0] as Partial<Failure> | undefined) : undefined;
  const failure: Failure =
    typeof details?.name === 'string' && typeof details.message === 'string'
      ? (details as Failure)
      : {
          name: forkRefusedFailure,
          message: cause instanceof Error && cause.message ? cause.message : 'The run could not be started again.',
        };
  return { forked: null, first: { type: 'startRefused', failure } };
};
