import type { LiveStep, RunAttempt, RunLog, RunSummary } from '@everwave/schema/api';
import { flowIdSchema, runIdSchema } from '@everwave/schema/ids';
import { type tables } from '@everwave/schema/db';
import { runUrl, type Settings } from '../../settings.ts';
import type { RunRow } from './find-run.ts';

/** A moment as the API writes it. */
export const toMoment = (date: Date | null): string | null => date?.toISOString() ?? null;

export const toRunSummary = (run: RunRow, flowName: string, settings: Settings): RunSummary => ({
  id: runIdSchema.parse(run.id),
  flowId: flowIdSchema.parse(run.flowId),
  flowName,
  flowVersion: run.flowVersion,
  status: run.status,
  triggerKind: run.triggerKind,
  startedBy: run.startedBy,
  failure: run.failure,
  createdAt: run.createdAt.toISOString(),
  startedAt: toMoment(run.startedAt),
  finishedAt: toMoment(run.finishedAt),
  updatedAt: run.updatedAt.toISOString(),
  url: runUrl(settings, run.id),
});

export type StepRow = typeof tables.runSteps.$inferSelect;

export const toLiveStep = (step: Omit<StepRow, 'inputSealed' | 'outputSealed'>): LiveStep => ({
  path: step.path,
  stepId: step.stepId,
  ordinal: step.ordinal,
  status: step.status,
  attempts: step.attempts,
  startedAt: toMoment(step.startedAt),
  finishedAt: toMoment(step.finishedAt),
  dueAt: toMoment(step.dueAt),
});

export const toRunAttempt = (attempt: typeof tables.runAttempts.$inferSelect): RunAttempt => ({
  path: attempt.path,
  ordinal: attempt.ordinal,
  attempt: attempt.attempt,
  status: attempt.status,
  startedAt: attempt.startedAt.toISOString(),
  finishedAt: toMoment(attempt.finishedAt),
  nextAttemptAt: toMoment(attempt.nextAttemptAt),
  failure: attempt.failure,
});

export const toRunLog = (line: typeof tables.runLogs.$inferSelect): RunLog => ({
  id: line.id,
  at: line.at.toISOString(),
  level: line.level,
  path: line.path,
  message: line.message,
  attributes: line.attributes as RunLog['attributes'],
});
