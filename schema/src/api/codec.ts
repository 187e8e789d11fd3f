import * as z from 'zod';

const base64Schema = z.string().max(6_000_000);

/** Temporal's payload as its UI sends it: metadata and data in base64. */
export const payloadSchema = z
  .object({ metadata: z.record(z.string(), base64Schema).nullish(), data: base64Schema.nullish() })
  .meta({ id: 'TemporalPayload' });

export const payloadsSchema = z
  .object({ payloads: z.array(payloadSchema).max(1_000) })
  .meta({ id: 'TemporalPayloads' });

export type TemporalPayload = z.infer<typeof payloadSchema>;
