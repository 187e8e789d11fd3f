import { flowSchema, flowVersionSummarySchema, startedRunSchema } from '@everwave/schema/api';
import type { FlowGraphInput } from '@everwave/schema/flow';
import { Agent, request } from 'undici';
import type * as z from 'zod';
import type { Stage } from './stage.ts';

export interface Answer {
  /** 0 when there was no answer at all. */
  readonly status: number;
  /** Milliseconds from the request to the whole answer. */
  readonly milliseconds: number;
  readonly body: unknown;
}

/** What calls the api as its users do, over sockets that stay open. */
export interface ApiClient {
  /** One call with the key of this machine. Never throws: whoever measures wants the failures, too. */
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer>;
  /** Draws and publishes a flow; returns where its webhook is, if it has one. */
  publish(name: string, graph: FlowGraphInput): Promise<{ readonly flowId: string; readonly hook: string | null }>;
  /** Delivers an event and tells which run it became; null when it was not taken. */
  deliver(hook: string, body: object): Promise<Answer & { readonly runId: string | null }>;
  close(): Promise<void>;
}

export const createApiClient = ({ apiUrl, apiKey }: Stage, connections: number): ApiClient => {
  const dispatcher = new Agent({ connections, pipelining: 1, connect: { timeout: 10_000 } });

  const send = async (method: 'GET' | 'POST', url: string, headers: object, body?: object): Promise<Answer> => {
    const begun = performance.now();
    const timed = (status: number, text: string): Answer => ({
      status,
      milliseconds: performance.now() - begun,
      body: parseOr(text),
    });
    try {
      const answer = await request(url, {
        dispatcher,
        method,
        headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      return timed(answer.statusCode, await answer.body.text());
    } catch (error) {
      return timed(0, JSON.stringify(String(error)));
    }
  };

  const call: ApiClient['call'] = (method, path, body) =>
    send(method, `${apiUrl}${path}`, { 'x-api-key': apiKey }, body);

  const need = async <Reply extends z.ZodType>(
    method: 'GET' | 'POST',
    path: string,
    reply: Reply,
    body?: object,
  ): Promise<z.output<Reply>> => {
    const answer = await call(method, path, body);
    if (answer.status >= 200 && answer.status < 300) return reply.parse(answer.body);
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  };

  return {
    call,
    publish: async (name, graph) => {
      const { id } = await need('POST', '/v1/flows', flowSchema, { name, graph });
      await need('POST', `/v1/flows/${id}/publish`, flowVersionSummarySchema, {});
      const { triggers } = await need('GET', `/v1/flows/${id}`, flowSchema);
      return { flowId: id, hook: triggers.find(({ url }) => url !== null)?.url ?? null };
    },
    deliver: async (hook, body) => {
      const answer = await send('POST', hook, {}, body);
      const started = startedRunSchema.safeParse(answer.body);
      return { ...answer, runId: answer.status === 202 && started.success ? started.data.runId : null };
    },
    close: () => dispatcher.destroy(),
  };
};

const parseOr = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};
