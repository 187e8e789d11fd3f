import * as z from 'zod';
import { correlationKeySchema, eventNameSchema, eventStaySchema, speakable } from '../flow/event-fields.ts';
import { jsonSchema } from '../flow/graph.ts';
import { eventIdSchema, runIdSchema } from '../ids.ts';
import { longestCorrelationKey } from '../run/waits.ts';
import { momentSchema, pageOf, pageQuery } from './values.ts';

const newEventSchema = z
  .strictObject({
    id: z
      .string()
      .min(1)
      .max(200)
      .refine(speakable, 'Send a text without control characters.')
      .optional()
      .meta({ description: 'Of two events with one name and id, the first counts. Without it each is a new one.' }),
    name: eventNameSchema,
    correlationKey: correlationKeySchema.meta({
      description: 'Which of the runs that wait for this name is meant: an order’s number, a customer’s id.',
    }),
    data: jsonSchema.default(null),
    expiresIn: eventStaySchema
      .default('7d')
      .meta({ description: 'How long it is kept for runs that ask for it later.' }),
  })
  .meta({ id: 'NewEvent' });

export const sendEventsRequestSchema = z
  .strictObject({ events: z.array(newEventSchema).min(1).max(100) })
  .meta({ id: 'SendEvents' });

const acceptedEventSchema = z
  .object({
    eventId: eventIdSchema,
    id: z.string().meta({ description: 'The sender’s id, or ours when it sent none.' }),
    name: z.string(),
    correlationKey: z.string(),
    duplicate: z.boolean().meta({ description: 'It came before, and the first one stands.' }),
    receivedAt: momentSchema,
    expiresAt: momentSchema,
  })
  .meta({ id: 'AcceptedEvent' });

export const sendEventsReplySchema = z.object({ events: z.array(acceptedEventSchema) }).meta({ id: 'AcceptedEvents' });

const outsideEventSchema = acceptedEventSchema
  .omit({ duplicate: true })
  .extend({
    dataBytes: z.int(),
    sentBy: z.string(),
    takenBy: z
      .array(z.object({ runId: runIdSchema, path: z.string() }))
      .meta({ description: 'Steps that went on with it.' }),
    pending: z.int().meta({ description: 'Steps to which it is still to be brought.' }),
  })
  .meta({ id: 'OutsideEvent' });

export const outsideEventListSchema = pageOf(outsideEventSchema).meta({ id: 'OutsideEventList' });

export const listEventsQuerySchema = z.object({
  ...pageQuery,
  name: z.string().max(100).optional(),
  correlationKey: z.string().max(longestCorrelationKey).optional(),
});

export type SendEventsRequest = z.output<typeof sendEventsRequestSchema>;
export type AcceptedEvent = z.infer<typeof acceptedEventSchema>;
export type OutsideEventList = z.infer<typeof outsideEventListSchema>;
export type ListEventsQuery = z.output<typeof listEventsQuerySchema>;
