import type { DataConverter, LoadedDataConverter, Payload } from '@temporalio/common';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
  loadDataConverter,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { tsToMs } from '@temporalio/common/lib/time.js';
import type { temporal } from '@temporalio/proto';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Failure = temporal.api.failure.v1.IFailure;
type Payloads = { readonly payloads?: readonly Payload[] | null } | null | undefined;

/** Opens what a workflow's history holds. */
export interface HistoryDecoder {
  /** The first of several values; undefined when there is none. */
  first(payloads: Payloads): Promise<unknown>;
  error(failure: Failure | null | undefined): Promise<Error | undefined>;
  /** The same for what another workflow has sealed. */
  of(workflowId: string): HistoryDecoder;
}

export const createHistoryDecoder = (
  dataConverter: DataConverter,
  namespace: string,
  workflowId: string,
): HistoryDecoder => {
  const loaded: LoadedDataConverter = loadDataConverter(dataConverter);
  const context = { type: 'workflow', namespace, workflowId } as const;
  return {
    first: async (payloads) => {
      const [value] = await decodeArrayFromPayloads(loaded, payloads?.payloads?.slice(0, 1) ?? [], context);
      return value;
    },
    error: (failure) => decodeOptionalFailureToOptionalError(loaded, failure, context),
    of: (other) => createHistoryDecoder(dataConverter, namespace, other),
  };
};

/** When an event happened, Unix ms. */
export const timeOf = ({ eventTime }: HistoryEvent): number => (eventTime ? tsToMs(eventTime) : 0);

/** The number of an event, from 1. */
export const idOf = ({ eventId }: HistoryEvent): number => Number(eventId ?? 0);
