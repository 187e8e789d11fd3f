import { runHostType } from '@everwave/schema/run';
import type { InjectedSinks } from '@temporalio/worker';
import type { ProjectionSinks } from '../workflows/reports.ts';
import type { Batcher } from './batcher.ts';

/** Receives what workflows report. Called in the worker's main thread, never during replay. */
export const createProjectionSinks = (batcher: Pick<Batcher, 'add'>): InjectedSinks<ProjectionSinks> => ({
  projection: {
    step: {
      fn: ({ runId: temporalRunId }, run, transition) => batcher.add({ kind: 'step', run, temporalRunId, transition }),
      callDuringReplay: false,
    },
    run: {
      fn: ({ runId: temporalRunId, workflowId, workflowType, startTime }, run, transition) =>
        batcher.add({
          kind: 'run',
          run,
          temporalRunId,
          transition,
          startedAt: startTime.getTime(),
          ...(workflowType === runHostType ? { hostWorkflowId: workflowId } : {}),
        }),
      callDuringReplay: false,
    },
    started: {
      fn: (_info, run, begun, at) => batcher.add({ kind: 'started', run, ...begun, at }),
      callDuringReplay: false,
    },
    ejected: {
      fn: (_info, run, temporalRunId, at) => batcher.add({ kind: 'ejected', run, temporalRunId, at }),
      callDuringReplay: false,
    },
    answer: {
      fn: (_info, run, answer, by, at) => batcher.add({ kind: 'answer', run, answer, by, at }),
      callDuringReplay: false,
    },
    migrated: {
      fn: (_info, run, version, by, at) => batcher.add({ kind: 'migrated', run, ...version, by, at }),
      callDuringReplay: false,
    },
    repair: {
      fn: (_info, run, repair, by, at) => batcher.add({ kind: 'repair', run, repair, by, at }),
      callDuringReplay: false,
    },
  },
});
