import { runBatchType, runHostType } from '@everwave/schema/run';
import type { InjectedSinks } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import type { ProjectionSinks, Report } from '../workflows/reports.ts';
import type { Batcher } from './batcher.ts';
import type { Entry } from './entry.ts';
import { createMemory, type Heard, type Memory } from './heard.ts';

/** Receives what workflows report. Called in the worker's main thread, never during replay. */
export const createProjectionSinks = (
  batcher: Pick<Batcher, 'add'>,
  memory: Memory = createMemory(),
): InjectedSinks<ProjectionSinks> => ({
  projection: {
    report: {
      fn: (info, reports) => {
        const heard = hearAll(memory, info, reports);
        for (const report of reports) batcher.add(toEntry(info, report, heard.get(report.run.runId)));
      },
      callDuringReplay: false,
    },
  },
});

/** By run: a host tells of several. */
const hearAll = (
  memory: Memory,
  { runId: temporalRunId }: WorkflowInfo,
  reports: readonly Report[],
): ReadonlyMap<string, Heard> => {
  const told = new Map<string, { lowest: number; highest: number }>();
  for (const report of reports) {
    if (report.kind !== 'step' && report.kind !== 'run') continue;
    const { seq } = report.transition;
    const before = told.get(report.run.runId);
    told.set(report.run.runId, {
      lowest: Math.min(seq, before?.lowest ?? seq),
      highest: Math.max(seq, before?.highest ?? seq),
    });
  }
  return new Map(
    [...told].map(([runId, { lowest, highest }]) => [runId, memory.hear(temporalRunId, runId, lowest, highest)]),
  );
};

const toEntry = (
  { runId: temporalRunId, workflowId, workflowType, startTime }: WorkflowInfo,
  report: Report,
  heard: Heard = 'further',
): Entry => {
  const doubt = heard === 'further' ? {} : { heard };
  switch (report.kind) {
    case 'step':
      return { ...report, temporalRunId, ...doubt, ...(workflowType === runBatchType && { inBatch: true }) };
    case 'run':
      return {
        ...report,
        temporalRunId,
        ...doubt,
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
