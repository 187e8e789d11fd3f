import { migratePreviewSchema, migrateReplySchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { data } from 'react-router';
import * as z from 'zod';
import { attempt, callApi, refuse } from '#app/api/api.server.ts';
import type { Route } from './+types/route.ts';

const formSchema = z.object({ key: z.uuid(), intent: z.enum(['preview', 'migrate']) });

/** Asks whether the run can go on under the live version, or has it do so. */
export const action = async ({ request, params }: Route.ActionArgs) => {
  const runId = runIdSchema.safeParse(params.runId);
  const form = formSchema.safeParse(Object.fromEntries(await request.formData()));
  if (!runId.success || !form.success) {
    return data(refuse(request, 'The page sent something unexpected. Reload it and try again.'), { status: 400 });
  }
  const path = `/v1/runs/${runId.data}/migrate`;
  const body = { version: 'live', requestId: form.data.key };
  const result = await attempt(request, async () =>
    form.data.intent === 'preview'
      ? {
          verdict: await callApi(request, `${path}/preview`, migratePreviewSchema, { method: 'POST', body }),
          migrated: null,
        }
      : { verdict: null, migrated: await callApi(request, path, migrateReplySchema, { method: 'POST', body }) },
  );
  return result.ok ? result : data(result, { status: result.problem.status });
};
