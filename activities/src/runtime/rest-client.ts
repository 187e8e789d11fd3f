import type { Json } from '@everwave/schema/flow';
import type { EgressFetch, EgressRequest } from './egress.ts';
import { ConnectionLost } from './node-errors.ts';
import { createRateLimitWait } from './rate-limit.ts';
import { parseJson, toRecord } from './safe-json.ts';

export interface RestRequest extends Omit<EgressRequest, 'signal'> {
  /** How long the whole exchange may take. */
  readonly timeoutMs?: number;
}

export interface RestReply {
  readonly status: number;
  /** Lower-case names; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON, or `undefined` when it is none. */
  json(): Json | undefined;
}

/** What `send` needs of a step or of a connection test. */
export interface Caller {
  readonly fetch: EgressFetch;
  readonly signal: AbortSignal;
}

/** Status and headers of an answer whose body is still to come. */
export type ReplyHead = Pick<RestReply, 'status' | 'headers'>;
/** What comes after it; null where nothing does. */
export type ReplyBody = AsyncIterable<Uint8Array> | null;

/**
 * Sends one request and reads the whole answer. Every status but 429 is an answer. A 429 is no attempt: it is waited
 * for here when the wait is short, and thrown as `AskedToWait` when it is long. Nothing else is ever repeated.
 */
export const send = (caller: Caller, url: string | URL, request: RestRequest = {}): Promise<RestReply> =>
  sendAndRead(caller, url, request, readText);

/** The same, where the caller says what becomes of the body. */
export const sendAndRead = async <Answer extends ReplyHead>(
  caller: Caller,
  url: string | URL,
  request: RestRequest,
  read: (head: ReplyHead, body: ReplyBody) => Promise<Answer>,
): Promise<Answer> => {
  const waitFor = createRateLimitWait(caller.signal);
  for (;;) {
    const reply = await exchange(caller, url, request, read);
    if (reply.status !== 429) return reply;
    await waitFor(new URL(url).host, reply.headers);
  }
};

const exchange = async <Answer extends ReplyHead>(
  caller: Caller,
  url: string | URL,
  request: RestRequest,
  read: (head: ReplyHead, body: ReplyBody) => Promise<Answer>,
): Promise<Answer> => {
  const { timeoutMs, ...rest } = request;
  const timeout = timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs);
  try {
    const response = await caller.fetch(url, timeout ? { ...rest, signal: timeout } : rest);
    const headers = toRecord([...response.headers].map(([name, value]) => [name.toLowerCase(), value] as const));
    return await read({ status: response.status, headers }, response.body);
  } catch (error) {
    if (timeout?.aborted && error === timeout.reason) {
      throw new ConnectionLost(`${new URL(url).host} did not answer within ${timeoutMs} ms.`, { cause: error });
    }
    throw error;
  }
};

/** The body in memory, as text; only its beginning where that is enough. */
export const readText = async (head: ReplyHead, body: ReplyBody, enough = Infinity): Promise<RestReply> => {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= enough) break;
  }
  const text = decode(Buffer.concat(pieces), head.headers['content-type']);
  return { ...head, text, json: () => tryParse(text) };
};

const decode = (bytes: Uint8Array, contentType: string | undefined): string => {
  const charset = /charset="?([\w-]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
};

const tryParse = (text: string): Json | undefined => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};
