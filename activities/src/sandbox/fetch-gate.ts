import * as z from 'zod';
import type { EgressFetch } from '../runtime/egress.ts';
import { AddressRefused, ConnectionLost, NotConnected, ReplyTooLarge } from '../runtime/node-errors.ts';
import { sandboxLimits as limits } from './limits.ts';
import { tooManyRequests, type FetchReply, type FetchRequest } from './messages.ts';

export interface FetchGate {
  /**
   * Every refusal and every lost connection is a reply, for the code to catch. Rejects with what ends the step: its
   * signal's reason, or that it may not send now.
   */
  readonly fetch: (request: FetchRequest) => Promise<FetchReply>;
  /** True once a request that may have changed something has been let through. */
  hasWritten(): boolean;
  /** The code has ended: what has not been sent yet is not sent any more. */
  close(): void;
}

export interface FetchGateOptions {
  readonly mode: 'off' | 'read' | 'all';
  readonly fetch: EgressFetch;
  /** Called before the first request that may change something; those at the same time wait for it. */
  readonly sending: () => Promise<void>;
}

const readingMethods = ['GET', 'HEAD'];
/** Written by the client, or a way around it. */
const reservedHeaders = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
];

const requestSchema = z.strictObject({
  url: z.string().max(8000, 'The URL is longer than 8000 characters.'),
  method: z.enum(
    ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    'The method is none of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS.',
  ),
  headers: z.record(
    z
      .string()
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'That is no header name.')
      .refine((name) => !reservedHeaders.includes(name.toLowerCase()), 'This header is set by the client itself.'),
    z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'A header value is one line of Latin-1 text.'),
  ),
  body: z.string().nullable(),
  redirect: z.enum(['follow', 'manual']),
});

const refuse = (message: string): FetchReply => ({ ok: false, code: 'refused', message });
const over = (message: string): FetchReply => ({ ok: false, code: 'limit', message });

const tooLate = refuse('The code has ended.');

/** What stands between an author's code and the network: the counts, the rules, then the egress guard. */
export const createFetchGate = ({ mode, fetch: guarded, sending }: FetchGateOptions): FetchGate => {
  let requests = 0;
  let sentBytes = 0;
  let receivedBytes = 0;
  let hasWritten = false;
  let isClosed = false;
  const turns = createTurns(limits.requestsAtOnce);

  let announced: Promise<void> | null = null;
  const announce = (): Promise<void> => (announced ??= sending());

  const perform = async ({ url, method, headers, body, redirect }: FetchRequest): Promise<FetchReply> => {
    const left = limits.replyBytes - receivedBytes;
    if (left <= 0) return over(`The answers together are larger than ${limits.replyBytes} bytes.`);
    const response = await guarded(url, {
      method,
      headers: { ...headers },
      body: method === 'GET' || method === 'HEAD' ? null : body,
      followRedirects: redirect === 'follow',
      maximumBytes: left,
    });
    const bytes = await response.arrayBuffer();
    receivedBytes += bytes.byteLength;
    if (receivedBytes > limits.replyBytes) {
      return over(`The answers together are larger than ${limits.replyBytes} bytes.`);
    }
    const text = new TextDecoder().decode(bytes);
    return { ok: true, status: response.status, headers: Object.fromEntries(response.headers), body: text };
  };

  return {
    hasWritten: () => hasWritten,
    close: () => {
      isClosed = true;
    },
    async fetch(untrusted) {
      if (mode === 'off') return refuse('fetch is off in this step.');
      requests += 1;
      if (requests > limits.requests) return tooManyRequests;
      const parsed = requestSchema.safeParse(untrusted);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        return refuse(`${issue?.path.join('.') ?? 'request'}: ${issue?.message ?? 'not understood'}`);
      }
      const request = parsed.data;
      const isWriting = !readingMethods.includes(request.method);
      if (mode === 'read' && isWriting)
        return refuse(`${request.method} may write, and fetch may only read in this step.`);
      if (!isWriting && request.body !== null) return refuse(`${request.method} has no body.`);
      sentBytes += Buffer.byteLength(JSON.stringify(request));
      if (sentBytes > limits.requestBytes) {
        return over(`The requests together are larger than ${limits.requestBytes} bytes.`);
      }
      return turns.take(async () => {
        if (isClosed) return tooLate;
        if (isWriting) {
          await announce();
          if (isClosed) return tooLate;
          hasWritten = true;
        }
        return perform(request).catch(toReply);
      });
    },
  };
};

const toReply = (error: unknown): FetchReply => {
  if (error instanceof AddressRefused) return refuse(error.message);
  if (error instanceof ReplyTooLarge) return over(error.message);
  if (error instanceof NotConnected || error instanceof ConnectionLost) {
    return { ok: false, code: 'network', message: error.message };
  }
  throw error;
};

/** So many at the same time; others wait, first come first served. */
const createTurns = (places: number) => {
  let taken = 0;
  const queue: (() => void)[] = [];
  return {
    async take<T>(work: () => Promise<T>): Promise<T> {
      if (taken < places) taken += 1;
      else await new Promise<void>((resolve) => void queue.push(resolve));
      try {
        return await work();
      } finally {
        const next = queue.shift();
        if (next) next();
        else taken -= 1;
      }
    },
  };
};
