import {
  type AnswerReply,
  type AnswerRequest,
  approvalUpdate,
  type EventDelivery,
  type EventReply,
  eventUpdate,
} from '@everwave/schema/run';
import type { Client } from '@temporalio/client';
import { askRun } from './ask-run.ts';
import { type Refusal, toRefusal } from './refusal.ts';
import type { RunAddress } from './repair-run.ts';

export type EventResult = { readonly ok: true; readonly reply: EventReply } | Refusal;
export type AnswerResult = { readonly ok: true; readonly reply: AnswerReply } | Refusal;

/** Milliseconds that a message waits for a worker. Nobody waits for an event's delivery; it is tried again. */
const timeouts = { event: 5_000, answer: 20_000 } as const;

type Address = Pick<RunAddress, 'orgId' | 'runId'>;

/**
 * Brings an event to a step that waits for it, and waits until the run has taken it or not. Safe to repeat: a run takes
 * an event once. Throws only when Temporal itself cannot be reached.
 */
export const deliverEvent = async (
  client: Client,
  run: Address,
  delivery: EventDelivery,
  deliveryId: string,
): Promise<EventResult> => {
  try {
    const reply = await askRun<EventReply>(client, run, {
      name: eventUpdate,
      updateId: deliveryId,
      argument: delivery,
      timeout: timeouts.event,
    });
    return { ok: true, reply };
  } catch (error) {
    return toRefusal(error, { ended: 'This run has ended.', noWorker: 'No worker answered yet.' });
  }
};

/** Hands in an answer to an approval, and waits for the run's reply. Idempotent by `requestId`. */
export const answerApproval = async (client: Client, run: Address, request: AnswerRequest): Promise<AnswerResult> => {
  try {
    const reply = await askRun<AnswerReply>(client, run, {
      name: approvalUpdate,
      updateId: request.requestId,
      argument: request,
      timeout: timeouts.answer,
    });
    return { ok: true, reply };
  } catch (error) {
    return toRefusal(error, {
      ended: 'This run has ended, and waits for no answer any more.',
      noWorker: 'No worker answered. The answer may still count when one is back.',
    });
  }
};
