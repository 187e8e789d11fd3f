import * as z from 'zod';
import { sandboxLimits as limits } from './limits.ts';
import { consoleLevels, endingFailures, type FromProcess } from './messages.ts';

const id = z.int().min(0);
const place = z.int().min(1).nullable();

const messageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({
    type: z.literal('log'),
    level: z.enum(consoleLevels),
    text: z.string().max(limits.consoleLineLength),
  }),
  // What is in the request is the author's, and the gate's to judge.
  z.strictObject({
    type: z.literal('fetch'),
    id,
    request: z.strictObject({
      url: z.string(),
      method: z.string(),
      headers: z.record(z.string(), z.string()),
      body: z.string().nullable(),
      redirect: z.enum(['follow', 'manual']),
    }),
  }),
  z.strictObject({
    type: z.literal('file'),
    id,
    call: z.discriminatedUnion('do', [
      z.strictObject({ do: z.literal('open'), name: z.string(), sha256: z.string() }),
      z.strictObject({ do: z.literal('read'), handle: id }),
      z.strictObject({ do: z.literal('create'), name: z.string(), mediaType: z.string().nullable() }),
      z.strictObject({ do: z.literal('write'), handle: id, content: z.base64().max(2 * limits.filePartBytes) }),
      z.strictObject({ do: z.literal('finish'), handle: id }),
    ]),
  }),
  z.strictObject({
    type: z.literal('ended'),
    ending: z.discriminatedUnion('ok', [
      z.strictObject({ ok: z.literal(true), resultText: z.string().max(limits.resultBytes) }),
      z.strictObject({
        ok: z.literal(false),
        failure: z.enum(endingFailures),
        message: z.string().max(2 * limits.messageLength + 200),
        line: place,
        column: place,
      }),
    ]),
    droppedLines: z.int().min(0),
    spent: z.boolean(),
  }),
]);

/** A message of a sandbox process, checked as a stranger's. Throws when it is none. */
export const readMessage = (text: string): FromProcess => messageSchema.parse(JSON.parse(text));
