import * as z from 'zod';
import { durationSchema } from './graph.ts';

/** Deliveries that one run may take together. */
export const mostCollected = 500;

const key = z.string().min(1).max(2_000).optional().meta({
  title: 'Key',
  description: 'Deliveries with the same key belong together: {{ trigger.body.orderId }}. Without it, all do.',
  widget: 'template',
});

export const debounceSchema = z.strictObject({
  key,
  quietPeriod: durationSchema.meta({
    title: 'Quiet for',
    description: 'The run starts when no delivery with this key has come for so long.',
    widget: 'duration',
    literal: true,
  }),
  maximumWait: durationSchema.meta({
    title: 'At the latest after',
    description: 'From the first delivery, however many follow.',
    widget: 'duration',
    literal: true,
  }),
  payloads: z
    .enum(['last', 'all'])
    .default('last')
    .meta({
      title: 'The run gets',
      labels: { last: 'The last delivery', all: 'All of them, as trigger.items' },
      literal: true,
    }),
});

export const batchSchema = z.strictObject({
  key,
  size: z.int().min(2).max(mostCollected).meta({ title: 'As many as', literal: true }),
  maximumWait: durationSchema.meta({
    title: 'At the latest after',
    description: 'From the first delivery: fewer than that many are enough then.',
    widget: 'duration',
    literal: true,
  }),
});

/** How a trigger gathers deliveries: what `debounce` and `batch` of a drawing say, in one shape. */
export interface Collect {
  /** A template over the delivery; null when all belong together. */
  readonly key: string | null;
  /** Milliseconds without a delivery after which it is enough; null waits for `size` or `maximumWait` alone. */
  readonly quietPeriod: number | null;
  /** Milliseconds from the first delivery. */
  readonly maximumWait: number;
  readonly size: number;
  readonly payloads: 'last' | 'all';
}
