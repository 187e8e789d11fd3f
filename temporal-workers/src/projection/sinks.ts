import { runBatchType, runHostType } from '@everwave/schema/run';
import type { InjectedSinks } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import type { ProjectionSinks, Report } from '../workflows/reports.ts';
import type { Batcher } from './batcher.ts';
import type { Entry } from './entry.ts';

/** Receives what workflows report. Called in the worker's main thread, never during replay. */
export const createProjectionSinks = (batcher: Pick<Batcher, 'add'>): InjectedSinks<ProjectionSinks> => ({
  projection: {
    report: {
      fn: (info, reports) => {
        for (const report of reports) batcher.add(toEntry(info, report));
      },
      callDuringReplay: false,
    },
  },
});

const toEntry = (
  { runId: temporalRunId, workflowId, workflowType, startTime }: WorkflowInfo,
  report: Report,
): Entry => {
  switch (report.kind) {
    case 'step':
      return { ...report, temporalRunId, ...(workflowType === runBatchType && { inBatch: true }) };
    case 'run':
      return {
        ...report,
        temporalRunId,
        startedAt: startTime.getTime(),
        ...(workflowType === runHostType ? { hostWorkflowId: workflowId } : {}),
      };
    case 'started': {
      const { kind, run, begun, at } = report;
      return { kind, run, ...begun, at };
    }
    case 'migrated': {
      const { kind, run, version, by, at } = report;
      return { kind, run, ...version, by, at };
    }
    case 'repair':
    case 'answer':
    case 'ejected':
      return report;
  }
};
