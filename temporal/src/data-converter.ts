import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { createPayloadCodec, type PayloadCodecOptions } from './codec.ts';

/** For `bundleWorkflowCode`, which takes it apart from the data converter. */
export const failureConverterPath = fileURLToPath(new URL('./failure-converter.ts', import.meta.url));

/** The same for clients and workers, but for payloads that belong to no org: see `PayloadCodecOptions`. */
export const createDataConverter = (options: PayloadCodecOptions): DataConverter => ({
  failureConverterPath,
  payloadCodecs: [createPayloadCodec(options)],
});
