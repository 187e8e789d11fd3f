import { saveDraftRequestSchema } from '@everwave/schema/api';
import { load, refuse } from '#app/api/api.server.ts';
import { readFlow, saveDraft } from '../draft.server.ts';
import type { Route } from './+types/route.ts';

/** The draft as it stands, for a builder who learns that somebody else has saved. */
export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, async () => {
    const { draftRevision, graph } = await readFlow(request, params.flowId);
    return Response.json({ revision: draftRevision, graph });
  });

/** Saves while somebody draws: asked by the builder itself, without a navigation. */
export const action = async ({ request, params }: Route.ActionArgs) => {
  const body = saveDraftRequestSchema.safeParse(await request.json().catch(() => null));
  if (!body.success) {
    const [issue] = body.error.issues;
    const refusal = refuse(request, `The drawing cannot be saved: ${issue?.path.join('.')}: ${issue?.message}`);
    return Response.json(refusal, { status: 400 });
  }
  const saved = await saveDraft(request, params.flowId, body.data);
  return Response.json(saved, { status: saved.ok ? 200 : saved.problem.status });
};
