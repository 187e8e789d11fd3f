import type { FileValue } from '@everwave/schema/flow';
import { sandboxLimits } from './limits.ts';

/**
 * What the worker and a sandbox process say to each other. The process is not believed: what it sends is checked by
 * `read-message.ts` as if a stranger had sent it.
 */

/** One execution of an author's code. */
export interface Program {
  readonly language: 'javascript' | 'typescript';
  /** The body of an async function whose argument is `input`. */
  readonly code: string;
  /** `input`, as JSON text. */
  readonly inputText: string;
  /** The code reads it as `idempotencyKey`. */
  readonly idempotencyKey: string;
  /** Wall-clock time from start to result, waiting included. */
  readonly timeoutMs: number;
  /** What the code's values may take, all together. */
  readonly memoryBytes: number;
  readonly hasFetch: boolean;
}

export const consoleLevels = ['debug', 'log', 'info', 'warn', 'error'] as const;
export type ConsoleLevel = (typeof consoleLevels)[number];

/** What the code said about a request. Everything in it is the author's. */
export interface FetchRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | null;
  readonly redirect: 'follow' | 'manual';
}

export type FetchReply =
  | {
      readonly ok: true;
      readonly status: number;
      readonly headers: { readonly [name: string]: string };
      readonly body: string;
    }
  /** `refused`: not allowed. `limit`: too much of it. `network`: no answer came. */
  | { readonly ok: false; readonly code: 'refused' | 'limit' | 'network'; readonly message: string };

/** The answer to every request beyond the last that is let through. */
export const tooManyRequests: FetchReply = {
  ok: false,
  code: 'limit',
  message: `The code made more than ${sandboxLimits.requests} requests.`,
};

/** One move in reading or making a file. Contents go in parts, as base64; handles are the worker's. */
export type FileCall =
  | { readonly do: 'open'; readonly name: string; readonly sha256: string }
  | { readonly do: 'read'; readonly handle: number }
  | { readonly do: 'create'; readonly name: string; readonly mediaType: string | null }
  | { readonly do: 'write'; readonly handle: number; readonly content: string }
  | { readonly do: 'finish'; readonly handle: number };

export type FileReply =
  | {
      readonly ok: true;
      readonly handle?: number;
      /** Null behind the last part. */
      readonly content?: string | null;
      readonly file?: FileValue;
    }
  /** `refused`: not this run's, or nothing that can be done. `limit`: too much of it. */
  | { readonly ok: false; readonly code: 'refused' | 'limit'; readonly message: string };

export const endingFailures = [
  'code_invalid',
  'code_failed',
  'code_timed_out',
  'fetch_failed',
  'fetch_refused',
  'file_refused',
  'out_of_memory',
  'output_not_json',
  'output_too_large',
] as const;

/** How a program ended, in its own terms. */
export type Ending =
  | { readonly ok: true; readonly resultText: string }
  | {
      readonly ok: false;
      readonly failure: (typeof endingFailures)[number];
      readonly message: string;
      /** In the author's text, from 1; `null` when the error does not say. */
      readonly line: number | null;
      readonly column: number | null;
    };

export interface Ended {
  readonly ending: Ending;
  /** Lines that the code wrote beyond those that are kept. */
  readonly droppedLines: number;
  /** The process must not run another program. */
  readonly spent: boolean;
}

export type ToProcess =
  | { readonly type: 'run'; readonly program: Program }
  | { readonly type: 'fetched'; readonly id: number; readonly reply: FetchReply }
  | { readonly type: 'filed'; readonly id: number; readonly reply: FileReply };

export type FromProcess =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly level: ConsoleLevel; readonly text: string }
  | { readonly type: 'fetch'; readonly id: number; readonly request: FetchRequest }
  | { readonly type: 'file'; readonly id: number; readonly call: FileCall }
  | ({ readonly type: 'ended' } & Ended);
