import * as z from 'zod';
import { jsonSchema } from '../flow/graph.ts';
import { deliveryIdSchema, flowIdSchema, runIdSchema, triggerIdSchema } from '../ids.ts';
import { placeWaitSchema } from './limits.ts';
import { momentSchema, oneOrMany, pageOf, pageQuery } from './values.ts';

export const deliveryStatusSchema = z.enum(['held', 'collecting', 'pending', 'dispatched', 'rejected', 'skipped']);

export const deliverySummarySchema = z
  .object({
    id: deliveryIdSchema,
    flowId: flowIdSchema,
    flowName: z.string(),
    triggerId: triggerIdSchema,
    deliveryId: z.string().meta({ description: "The sender's id for this event, or ours when it sent none." }),
    status: deliveryStatusSchema,
    waitsForPlace: z.boolean().meta({ description: 'Its run waits until the limits allow it.' }),
    runId: runIdSchema.nullable(),
    together: z
      .object({ count: z.int().meta({ description: 'This one included.' }), waitsUntil: momentSchema })
      .nullable()
      .meta({ description: 'Deliveries that wait, or waited, to start a run together; null for one alone.' }),
    payloadBytes: z.int(),
    receivedAt: momentSchema,
    dispatchedAt: momentSchema.nullable(),
    lastError: z.string().nullable(),
    requestId: z.string().nullable(),
  })
  .meta({ id: 'DeliverySummary' });

export const deliverySchema = deliverySummarySchema
  .extend({
    payload: jsonSchema.meta({ description: 'Method, headers, query and body, as the flow reads them.' }),
    placeWait: placeWaitSchema.nullable(),
  })
  .meta({ id: 'Delivery' });

export const deliveryListSchema = pageOf(deliverySummarySchema).meta({ id: 'DeliveryList' });

export const listDeliveriesQuerySchema = z.object({
  ...pageQuery,
  status: oneOrMany(deliveryStatusSchema).optional(),
  flowId: oneOrMany(flowIdSchema).optional(),
});

/** The answer to a delivery for a flow whose switch is off: kept, not run. Of one that is full and skips: `skipped`. */
export const heldDeliverySchema = z
  .object({ deliveryId: deliveryIdSchema, held: z.literal(true) })
  .meta({ id: 'HeldDelivery' });

export type DeliverySummary = z.infer<typeof deliverySummarySchema>;
export type Delivery = z.infer<typeof deliverySchema>;
export type DeliveryList = z.infer<typeof deliveryListSchema>;
export type ListDeliveriesQuery = z.output<typeof listDeliveriesQuerySchema>;
