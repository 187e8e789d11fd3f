import type { EgressFetch } from '../runtime/egress.ts';
import { createRateLimitWait } from '../runtime/rate-limit.ts';

/** The function a vendor's client library calls for every request. */
type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

interface ModelFetchOptions {
  readonly egressFetch: EgressFetch;
  readonly signal: AbortSignal;
  /** Says whether a 429 is a matter of money: no waiting heals it, so it is handed on. */
  readonly isFinal: (body: string) => boolean;
}

/**
 * The egress guard in the shape that vendors' libraries expect. A 429 is no attempt: a short wait is spent here, a long
 * one ends the attempt as `AskedToWait`. Model servers may think for minutes before their first byte.
 */
export const createModelFetch =
  ({ egressFetch, signal, isFinal }: ModelFetchOptions): Fetch =>
  async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const waitFor = createRateLimitWait(signal);
    for (;;) {
      const response = await egressFetch(url, {
        method: init.method ?? 'GET',
        headers: [...new Headers(init.headers)],
        body: typeof init.body === 'string' ? init.body : null,
        signal: init.signal ? AbortSignal.any([signal, init.signal]) : signal,
        slowAnswer: true,
      });
      if (response.status !== 429) return response as unknown as Response;
      const text = await response.text();
      if (isFinal(text)) return new Response(text, { status: 429, headers: [...response.headers] });
      await waitFor(url.host, Object.fromEntries(response.headers));
    }
  };
