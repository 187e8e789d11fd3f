import type { Json } from '@everwave/schema/flow';
import type { TestApi } from '../test-api.ts';
import type { Headers } from './callers.ts';

export interface Reply {
  readonly status: number;
  /** Of a problem, else null. */
  readonly code: string | null;
  readonly text: string;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body?: Json | undefined;
}

const codeIn = (text: string): string | null => /"code":"(\w+)"/.exec(text)?.[1] ?? null;

/** One request. An event stream counts as its status: it would never end. */
export const ask = async (app: TestApi['app'], { method, path, headers, body }: Asked): Promise<Reply> => {
  const response = await app.request(path, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    await response.body?.cancel();
    return { status: response.status, code: null, text: '' };
  }
  const text = await response.text();
  return { status: response.status, code: response.ok ? null : codeIn(text), text };
};
