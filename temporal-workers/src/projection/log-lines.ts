import type { Repair } from '@everwave/schema/interpreter';
import type { Entry } from './entry.ts';

export interface LogLine {
  readonly path: string | null;
  readonly at: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly attributes: Record<string, unknown>;
}

const repairWords: Record<Repair['action'], string> = {
  retryStep: 'step retried by a person',
  completeStep: 'step completed by a person',
  skipStep: 'step skipped by a person',
  failRun: 'run failed by a person',
  cancelRun: 'run cancelled by a person',
};

/** What a run's log says about an entry; null for what its timeline shows anyway. */
export const toLogLine = (entry: Entry): LogLine | null => {
  switch (entry.kind) {
    case 'run': {
      const { status, at, failure } = entry.transition;
      const level = status === 'failed' ? 'error' : status === 'needs_attention' ? 'warn' : 'info';
      return { path: null, at, level, message: `run ${words(status)}`, attributes: failureAttributes(failure) };
    }
    case 'step': {
      const { status, at, path, ordinal, failure } = entry.transition;
      if (status !== 'needs_attention' && status !== 'failed') return null;
      const attributes = { ordinal, ...failureAttributes(failure) };
      return { path, at, level: 'error', message: `step ${words(status)}`, attributes };
    }
    case 'repair': {
      const { repair, by, at } = entry;
      const path = 'path' in repair ? repair.path : null;
      return { path, at, level: 'info', message: repairWords[repair.action], attributes: { by: by.name } };
    }
    case 'answer': {
      const { answer, by, at } = entry;
      const attributes = { by: by.name, decision: answer.decision };
      return { path: answer.path, at, level: 'info', message: 'approval answered', attributes };
    }
    case 'attemptEnded': {
      const { step, status, at, failure, nextAttemptAt } = entry;
      if (status !== 'failed') return null;
      const next = nextAttemptAt === undefined ? {} : { nextAttemptAt: new Date(nextAttemptAt).toISOString() };
      const attributes = { attempt: step.attempt, ...failureAttributes(failure), ...next };
      return { path: step.path, at, level: 'warn', message: 'attempt failed', attributes };
    }
    case 'migrated': {
      const { by, at, flowVersion } = entry;
      const attributes = { by: by.name, flowVersion };
      return { path: null, at, level: 'info', message: 'run goes on under another version', attributes };
    }
    case 'ejected':
      return { path: null, at: entry.at, level: 'info', message: 'run goes on by itself', attributes: {} };
    case 'started':
    case 'attemptStarted':
      return null;
  }
};

const words = (status: string): string => status.replace('_', ' ');

const failureAttributes = (failure: { readonly name: string; readonly message: string } | undefined) =>
  failure ? { failure: failure.name, reason: failure.message } : {};
