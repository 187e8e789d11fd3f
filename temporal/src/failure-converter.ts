import { DefaultFailureConverter } from '@temporalio/common';

/** Moves messages and stack traces into a payload, which the codec seals. Loaded by path: by clients, workers and the workflow bundle. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
