import type { Actor, LetterReference, Repair } from '@everwave/schema/interpreter';
import type { Json } from '@everwave/schema/flow';
import { type RepairReply, type RepairRequest, repairUpdates } from '@everwave/schema/run';
import { ApplicationFailure, defineUpdate } from '@temporalio/workflow';
import { isUnsealed } from './outcome.ts';

export type RepairAction = (typeof repairUpdates)[number];

/** The five updates, by name. Their one argument is a `RepairRequest`; how it really looks is checked by `parseRepair`. */
export const repairMessages = repairUpdates.map((action) => defineUpdate<RepairReply, [unknown]>(action));

export interface ParsedRepair {
  readonly requestId: string;
  readonly repair: Repair;
  readonly by: Actor;
}

/** A refusal as whoever sent the message reads it; never an error, which would fail the workflow task for ever. */
export const refusal = (name: string, message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, name);

/** Throws for what is not encrypted with the org's key. */
export const refuseUnsealed = (message: unknown): void => {
  if (!isUnsealed(message)) return;
  throw refusal('unsealed', "This message is not encrypted with the org's key: only Everwave itself sends such ones.");
};

/** Whatever goes wrong in a handler goes back to the sender: a plain error would fail the workflow task, and the run with it, for ever. */
export const asRefusal = async <Reply>(work: () => Promise<Reply>): Promise<Reply> => {
  try {
    return await work();
  } catch (error) {
    throw toRefusal(error);
  }
};

export const toRefusal = (error: unknown): ApplicationFailure =>
  error instanceof ApplicationFailure
    ? error
    : refusal('refused', error instanceof Error ? error.message : 'The message could not be applied.');

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Throws a refusal when the message is not one that our api or CLI sent. */
export const parseRepair = (action: RepairAction, message: unknown): ParsedRepair => {
  refuseUnsealed(message);
  const request = (typeof message === 'object' && message !== null ? message : {}) as Partial<RepairRequest>;
  const { requestId, by } = request;
  if (!isText(requestId) || !isText(by?.userId) || !isText(by.name) || !isText(by.role)) {
    throw refusal('malformed', 'A repair needs a requestId and says who asks: by { userId, name, role }.');
  }
  const letter = toLetter(request.letter);
  const repair = { ...toRepair(action, request), ...(letter && { letter }) };
  return { requestId, repair, by: { userId: by.userId, name: by.name, role: by.role } };
};

const toLetter = (letter: unknown): LetterReference | undefined => {
  if (letter === undefined) return undefined;
  const { path, ordinal } = (typeof letter === 'object' && letter !== null ? letter : {}) as Partial<LetterReference>;
  if (!isText(path) || !Number.isInteger(ordinal)) {
    throw refusal('malformed', 'A repair names a dead letter by { path, ordinal }.');
  }
  return { path, ordinal: Number(ordinal) };
};

const toRepair = (action: RepairAction, { path, input, edit, output }: Partial<RepairRequest>): Repair => {
  switch (action) {
    case 'failRun':
    case 'cancelRun':
      return { action };
    case 'skipStep':
      return { action, path: requiredPath(action, path) };
    case 'retryStep':
      if (input !== undefined && edit !== undefined) {
        throw refusal('malformed', 'retryStep takes an input or an edit of the one it had, not both.');
      }
      return {
        action,
        path: requiredPath(action, path),
        ...(input === undefined ? {} : { input: input as Json }),
        ...(edit === undefined ? {} : { edit: edit as Json }),
      };
    case 'completeStep':
      if (output === undefined) throw refusal('malformed', 'completeStep needs an output; null is one.');
      return { action, path: requiredPath(action, path), output };
  }
};

const requiredPath = (action: string, path: unknown): string => {
  if (!isText(path)) throw refusal('malformed', `${action} needs the path of a step.`);
  return path;
};
