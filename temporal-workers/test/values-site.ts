import { createServer } from 'node:http';
import type { ActionStep } from '@everwave/schema/flow';
import { anAction } from '../../schema/src/interpreter/testing/a-plan.ts';
import type { Harness } from './harness.ts';
import { retrying } from './plans.ts';
import { createSiteHarness } from './site-harness.ts';

type StepDraft = ReturnType<typeof anAction>;

/** A service with large answers, and a worker with the real nodes that may call it. */
export interface ValuesSite {
  readonly harness: Harness;
  /** Lengths of the bodies that were sent to it, by path. */
  readonly posted: ReadonlyMap<string, readonly number[]>;
  /** A step that fetches a path. */
  get(path: string, reads?: readonly string[]): StepDraft;
  /** A step that sends something to a path. */
  post(path: string, body: string): StepDraft;
  close(): Promise<void>;
}

const slow: ActionStep['options'] = { ...retrying(3), startToCloseTimeout: '1m', scheduleToCloseTimeout: '5m' };

/** Answers `/size/<bytes>` with so much JSON, `…/echo/…` with what it is sent, and refuses the first call of each `/moody/…`. */
export const createValuesSite = async (canary: string): Promise<ValuesSite> => {
  const posted = new Map<string, number[]>();
  const site = createServer((request, response) => {
    const url = request.url ?? '';
    // The same answer twice is the same value.
    response.sendDate = false;
    response.setHeader('content-type', 'application/json');
    if (url.startsWith('/size/')) {
      const bytes = Number(url.split('/')[2]);
      response.end(JSON.stringify({ total: 42, canary, rows: ['a', 'b', 'c'], text: 'x'.repeat(bytes) }));
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      posted.set(url, [...(posted.get(url) ?? []), body.length]);
      if (url.startsWith('/moody') && posted.get(url)?.length === 1) response.statusCode = 422;
      response.end(url.includes('/echo') ? body : JSON.stringify({ received: body.length }));
    });
  });
  const { harness, address, close } = await createSiteHarness(site);
  return {
    harness,
    posted,
    get: (path, reads = []) =>
      anAction({
        activity: 'http.request@1',
        input: { url: `${address}${path}` },
        effect: 'reads',
        idempotency: 'nature',
        options: slow,
        reads,
      }),
    post: (path, body) =>
      anAction({
        activity: 'http.request@1',
        input: { method: 'PUT', url: `${address}${path}`, body },
        options: slow,
      }),
    close,
  };
};
