import { forkPreviewSchema, forkRequestSchema, startedRunSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { data } from 'react-router';
import * as z from 'zod';
import { attempt, callApi, refuse } from '#app/api/api.server.ts';
import { parseJson } from '#app/components/values/parse-json.ts';
import type { Route } from './+types/route.ts';
import { toQuestion } from './fork-scope.ts';

const formSchema = z.object({ key: z.uuid(), intent: z.enum(['preview', 'start']), fork: z.string() });

/** Says what starting the run again would do, or does it. */
export const action = async ({ request, params }: Route.ActionArgs) => {
  const runId = runIdSchema.safeParse(params.runId);
  const form = formSchema.safeParse(Object.fromEntries(await request.formData()));
  const json = parseJson(form.success ? form.data.fork : '');
  const fork = forkRequestSchema.safeParse(json.ok ? json.value : null);
  if (!runId.success || !form.success || !fork.success) {
    return data(refuse(request, 'The page sent something unexpected. Reload it and try again.'), { status: 400 });
  }
  const path = `/v1/runs/${runId.data}/fork`;
  const result = await attempt(request, async () =>
    form.data.intent === 'preview'
      ? {
          preview: await callApi(request, `${path}/preview`, forkPreviewSchema, { method: 'POST', body: fork.data }),
          started: null,
        }
      : {
          preview: null,
          started: await callApi(request, path, startedRunSchema, {
            method: 'POST',
            body: fork.data,
            headers: { 'idempotency-key': form.data.key },
          }),
        },
  );
  // The answer names what was asked: the dialog may have changed since.
  const answer = { ...result, question: toQuestion(runId.data, form.data.fork) };
  return answer.ok ? answer : data(answer, { status: answer.problem.status });
};
