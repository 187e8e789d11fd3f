import { rerunRequestSchema, startedRunSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { data } from 'react-router';
import * as z from 'zod';
import { attempt, callApi, refuse } from '#app/api/api.server.ts';
import type { Route } from './+types/route.ts';

const formSchema = rerunRequestSchema.extend({ key: z.uuid() });

export const action = async ({ request, params }: Route.ActionArgs) => {
  const runId = runIdSchema.safeParse(params.runId);
  const form = formSchema.safeParse(Object.fromEntries(await request.formData()));
  if (!runId.success || !form.success) {
    return data(refuse(request, 'The page sent something unexpected. Reload it and try again.'), { status: 400 });
  }
  const { key, version } = form.data;
  const started = await attempt(request, () =>
    callApi(request, `/v1/runs/${runId.data}/rerun`, startedRunSchema, {
      method: 'POST',
      body: { version },
      headers: { 'idempotency-key': key },
    }),
  );
  return started.ok ? started : data(started, { status: started.problem.status });
};
