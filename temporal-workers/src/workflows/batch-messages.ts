import type { BatchEnd, BatchPlace } from '@everwave/schema/interpreter';
import {
  type BatchEnded,
  batchEndedSignal,
  type BatchReported,
  batchReportedSignal,
  type StopBatch,
  stopBatchSignal,
} from '@everwave/schema/run';
import type { Happening } from './arrival.ts';
import { isUnsealed } from './outcome.ts';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const isPlace = (message: Record<string, unknown>): boolean =>
  typeof message['path'] === 'string' &&
  typeof message['ordinal'] === 'number' &&
  typeof message['number'] === 'number';

/** What a run and its batches tell each other, by the signal's name. Null for any other, and for what is not sealed by us. */
export const readBatchMessage = (signalName: string, message: unknown): Happening | null => {
  if (isUnsealed(message) || !isRecord(message)) return null;
  if (signalName === stopBatchSignal && typeof message['evenFinally'] === 'boolean') {
    const { evenFinally, closing } = message as unknown as StopBatch;
    return { type: 'batchStopped', evenFinally, closing };
  }
  if (!isPlace(message)) return null;
  if (signalName === batchReportedSignal && isRecord(message['report'])) {
    const { path, ordinal, number, report } = message as unknown as BatchReported;
    return { type: 'batchReported', path, ordinal, number, report };
  }
  if (signalName === batchEndedSignal && isRecord(message['end'])) {
    const { path, ordinal, number, end } = message as unknown as BatchEnded;
    return { type: 'batchEnded', path, ordinal, number, end };
  }
  return null;
};

export const toBatchPlace = ({ path, ordinal, number }: BatchPlace): BatchPlace => ({ path, ordinal, number });

export const isSameBatch = (one: BatchPlace, other: BatchPlace): boolean =>
  one.path === other.path && one.ordinal === other.ordinal && one.number === other.number;

/** Nothing of it has begun, and nothing will. */
export const neverBegan: BatchEnd = { results: [], size: 0, seq: 0, failed: [] };

/** It could not say how it ended: what its items did, nobody knows. */
export const lostBatch: BatchEnd = {
  ...neverBegan,
  stopped: {
    name: 'batch_lost',
    message: 'A part of this loop was ended in Temporal, so that nobody knows how far its items have come.',
    advice:
      'Look at its items. Then retry the loop: what has been done is recognised. Or complete it with what it gave.',
    unsure: true,
  },
};
