import type { Context } from 'hono';
import type { ContentfulStatusCode, StatusCode } from 'hono/utils/http-status';
import type { HttpAnswer } from '@everwave/schema/run';
import type { ApiEnv } from '../../context.ts';
import { streamValue } from '../../http/stream-value.ts';
import { problem } from '../../problems.ts';
import type { RunAnswer } from '../../services/hooks/find-answer.ts';
import { runUrl } from '../../settings.ts';

/** What a run has said, as an HTTP answer; without one, where the run is. Throws when it ended without a result. */
export const answerCaller = (c: Context<ApiEnv>, runId: string, answer: RunAnswer | null): Response => {
  const { settings } = c.get('dependencies');
  switch (answer?.type) {
    case 'response':
      return toResponse(c, answer.answer);
    case 'output':
      return answer.value ? streamValue(c, answer.value) : c.body(null, 204);
    case 'failed':
      throw problem('run_failed', `The run ${runId} failed. Whoever operates the flow sees why.`, { runId });
    case 'cancelled':
      throw problem('run_cancelled', `The run ${runId} was cancelled. Whoever operates the flow sees by whom.`, {
        runId,
      });
    case 'superseded':
    case undefined: {
      const url = runUrl(settings, runId);
      return c.json({ runId, url }, 202, { location: url });
    }
  }
};

const toResponse = (c: Context<ApiEnv>, { status, headers, body }: HttpAnswer): Response => {
  if (body === null) return c.body(null, status as StatusCode, headers);
  return c.body(typeof body === 'string' ? body : JSON.stringify(body), status as ContentfulStatusCode, {
    ...headers,
    ...(headers['content-type'] === 'text/plain' && { 'content-type': 'text/plain; charset=utf-8' }),
  });
};
