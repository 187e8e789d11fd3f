import type { Json } from '@everwave/schema/flow';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { type HttpAnswer, toHttpAnswer } from '@everwave/schema/run';
import { additionalData } from '@everwave/temporal/encryption';
import { and, asc, eq, inArray } from 'drizzle-orm';
import type { AppDependencies } from '../../context.ts';
import type { PlanCache } from '../../dispatch/plan-cache.ts';
import type { StreamedValue } from '../../http/stream-value.ts';
import { openStream } from '../runs/read-value.ts';

const { runs, runSteps } = tables;

/** What a run has to say to its caller so far. */
export type RunAnswer =
  | { readonly type: 'response'; readonly answer: HttpAnswer }
  /** It has ended without a response; absent when it gives nothing. */
  | { readonly type: 'output'; readonly value?: StreamedValue }
  /** `superseded`: a fork goes on in its place, without a caller. */
  | { readonly type: 'failed' | 'cancelled' | 'superseded' };

/**
 * The answer of a run, read from the projection: whoever asks, whenever, and in whichever process, gets the same. Null
 * while there is none.
 */
export const findAnswer = async (
  { db, ring }: Pick<AppDependencies, 'db' | 'ring'>,
  plans: PlanCache,
  { orgId, runId }: { readonly orgId: string; readonly runId: string },
): Promise<RunAnswer | null> => {
  const rows = await withOrg(db, orgId, async (tx) => {
    const [run] = await tx
      .select({ status: runs.status, planHash: runs.planHash, outputSealed: runs.outputSealed })
      .from(runs)
      .where(and(eq(runs.id, runId), eq(runs.orgId, orgId)));
    return run ? { run, response: await findResponse(tx, plans, { orgId, runId, planHash: run.planHash }) } : null;
  });
  if (!rows) return null;
  const { run, response } = rows;
  if (response) {
    const { path, ordinal, outputSealed } = response;
    const binding = additionalData.stepOutput(runId, path, ordinal);
    const output = await ring.openJson<{ [field: string]: Json }>(orgId, outputSealed, binding);
    const checked = toHttpAnswer(output);
    if (!checked.ok)
      throw new Error(`The step ${path} of ${runId} gave no answer that can be sent: ${checked.message}`);
    return { type: 'response', answer: checked.answer };
  }
  const { status, outputSealed } = run;
  if (status === 'failed' || status === 'cancelled' || status === 'superseded') return { type: status };
  if (status !== 'succeeded') return null;
  if (!outputSealed) return { type: 'output' };
  const binding = additionalData.runOutput(runId);
  return { type: 'output', value: await openStream({ db, ring }, { orgId, sealed: outputSealed, binding }) };
};

/** The step that answered first: a frame that is begun again may have come by its own a second time. */
const findResponse = async (
  tx: Transaction,
  plans: PlanCache,
  { orgId, runId, planHash }: { readonly orgId: string; readonly runId: string; readonly planHash: string },
) => {
  const plan = await plans.find(tx, orgId, planHash);
  const responds = Object.values(plan.steps).flatMap(({ id, type }) => (type === 'respond' ? [id] : []));
  if (responds.length === 0) return null;
  const [first] = await tx
    .select({ path: runSteps.path, ordinal: runSteps.ordinal, outputSealed: runSteps.outputSealed })
    .from(runSteps)
    .where(and(eq(runSteps.runId, runId), inArray(runSteps.stepId, responds), eq(runSteps.status, 'succeeded')))
    .orderBy(asc(runSteps.seq))
    .limit(1);
  return first?.outputSealed ? { ...first, outputSealed: first.outputSealed } : null;
};
