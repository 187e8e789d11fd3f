import {
  apiKeyListSchema,
  type CreatedApiKey,
  createApiKeyRequestSchema,
  createdApiKeySchema,
  healthSchema,
  systemStatusSchema,
} from '@everwave/schema/api';
import { data } from 'react-router';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, ifAllowed, load, refuse } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { AboutCard } from './about-card.tsx';
import { AlertsCard } from './alerts-card.tsx';
import { LimitsCard } from './limits-card.tsx';
import { StatusCard } from './status-card.tsx';
import { ApiKeys } from './api-keys.tsx';
import type { Route } from './+types/route.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Settings · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings' }] };

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const [keys, status, health] = await Promise.all([
      ifAllowed(callApi(request, '/v1/api-keys', apiKeyListSchema)),
      ifAllowed(callApi(request, '/v1/system/status', systemStatusSchema)),
      callApi(request, '/healthz', healthSchema),
    ]);
    return { keys: keys?.items ?? null, status, version: health.version };
  });

const formSchema = z.discriminatedUnion('intent', [
  z.object({
    intent: z.literal('create'),
    name: z.string(),
    role: z.string(),
    expiresInDays: z.enum(['30', '90', '365', 'never']),
  }),
  z.object({ intent: z.literal('revoke'), keyId: z.string().regex(/^[\w-]{1,80}$/) }),
]);

export type KeyDeed =
  | { readonly did: 'created'; readonly key: CreatedApiKey }
  | { readonly did: 'revoked'; readonly keyId: string };

const write = async (request: Request): Promise<ActionResult<KeyDeed>> => {
  const form = formSchema.safeParse(Object.fromEntries(await request.formData()));
  if (!form.success) return refuse(request, 'The page sent something unexpected. Reload it and try again.');
  const fields = form.data;
  if (fields.intent === 'revoke') {
    return attempt(request, async () => {
      await callApi(request, `/v1/api-keys/${fields.keyId}`, z.unknown(), { method: 'DELETE' });
      return { did: 'revoked', keyId: fields.keyId };
    });
  }
  const body = createApiKeyRequestSchema.safeParse({
    name: fields.name,
    role: fields.role,
    expiresInDays: fields.expiresInDays === 'never' ? null : Number(fields.expiresInDays),
  });
  if (!body.success) {
    const errors = body.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
    return refuse(request, 'Some fields need another look.', errors);
  }
  return attempt(request, async () => ({
    did: 'created',
    key: await callApi(request, '/v1/api-keys', createdApiKeySchema, { method: 'POST', body: body.data }),
  }));
};

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await write(request);
  return result.ok ? result : data(result, { status: result.problem.status });
};

export default function Settings({ loaderData }: Route.ComponentProps) {
  return (
    <>
      <PageHeader title="Settings">
        Keys for programs, who is told of what waits, how much runs at once, and what this installation is.
      </PageHeader>
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_400px]">
        <ApiKeys keys={loaderData.keys} />
        <div className="space-y-5">
          <AlertsCard />
          <LimitsCard />
          {loaderData.status ? <StatusCard status={loaderData.status} /> : null}
          <AboutCard version={loaderData.version} />
        </div>
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
