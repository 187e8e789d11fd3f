import * as z from 'zod';
import { longestCorrelationKey, unspeakable } from '../run/waits.ts';
import { toMilliseconds } from './duration.ts';
import { durationSchema } from './graph.ts';

const longestStay = '365d';

export const speakable = (text: string): boolean => !unspeakable.test(text);

/** How an event is called: `order.paid`. Fixed when the flow is published, as the org's vocabulary is. */
export const eventNameSchema = z
  .string()
  .max(100)
  .regex(/^[a-zA-Z][a-zA-Z0-9]*([._-][a-zA-Z0-9]+)*$/)
  .meta({
    title: 'Event',
    literal: true,
    message: 'is a name such as order.paid: letters and digits, joined by dots, hyphens or underscores',
  });

/** Which of the runs that wait for a name is meant. */
export const correlationKeySchema = z
  .string()
  .min(1)
  .max(longestCorrelationKey)
  .refine((key) => speakable(key) && key.trim() !== '', 'Send a text without control characters.');

/** How long an event is kept for runs that ask for it later. */
export const eventStaySchema = durationSchema.refine(
  (duration) => toMilliseconds(duration) <= toMilliseconds(longestStay) && toMilliseconds(duration) > 0,
  `At most ${longestStay}.`,
);
