import { wholeValueSchema } from '@everwave/schema/api';
import type { Context, TypedResponse } from 'hono';

/** A value's JSON on its way out. */
export interface StreamedValue {
  readonly bytes: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** How an operation that gives a value of any size says so. */
export const valueContent = { 'application/json': { schema: wholeValueSchema } } as const;

type StreamedJson = Response & TypedResponse<never, 200, 'json'>;

/** The value part by part: no more than one part of it is in memory. */
export const streamValue = (c: Context, { bytes, content }: StreamedValue): StreamedJson =>
  c.body(ReadableStream.from(content) as ReadableStream<Uint8Array>, 200, {
    'content-type': 'application/json',
    'content-length': String(bytes),
    'cache-control': 'private, no-store',
  }) as unknown as StreamedJson;
