import { tables, withOrg } from '@everwave/schema/db';
import { type Json, type Plan, secretPlaceholder, type Variables } from '@everwave/schema/flow';
import { variablesFor } from '@everwave/schema/run';
import { additionalData } from '@everwave/temporal/encryption';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import type { AppDependencies } from '../context.ts';
import type { ClaimedRun } from './claim-runs.ts';

const { runs, variables } = tables;

type Tools = Pick<AppDependencies, 'db' | 'ring'>;

/**
 * The variables with which these runs of one plan begin: those that they have, as a fork has its origin's, and the org's
 * of this moment for the others. Noted in their rows first, so that a start which is repeated begins with the same.
 */
export const variablesOfRuns = async (
  tools: Tools,
  plan: Plan,
  claimed: readonly ClaimedRun[],
): Promise<{ readonly env?: Variables }> => {
  const [first] = claimed;
  if (!first || !plan.variables) return {};
  const { ring } = tools;
  const { id, orgId, variablesSealed: sealed } = first;
  const known = sealed ? await ring.openJson<Variables>(orgId, sealed, additionalData.runVariables(id)) : {};
  const missing = Object.keys(plan.variables).filter((name) => !Object.hasOwn(known, name));
  if (missing.length === 0) return variablesFor(plan, known);
  const env = { ...known, ...(await readVariables(tools, orgId, plan, missing)) };
  await note(tools, claimed, env);
  return variablesFor(plan, env);
};

/** One that became secret after the flow was published is left out: the step that reads it says so. */
const readVariables = async (
  { db, ring }: Tools,
  orgId: string,
  plan: Plan,
  names: readonly string[],
): Promise<Variables> => {
  const rows = await withOrg(db, orgId, (tx) =>
    tx
      .select()
      .from(variables)
      .where(and(eq(variables.orgId, orgId), inArray(variables.name, [...names]))),
  );
  const read = rows.map(async ({ name, type, valueSealed }): Promise<[string, Json][]> => {
    if (plan.variables?.[name] === 'secret') return [[name, secretPlaceholder(name)]];
    if (type === 'secret') return [];
    return [[name, await ring.openJson<Json>(orgId, valueSealed, additionalData.variableValue(orgId, name))]];
  });
  return Object.fromEntries((await Promise.all(read)).flat());
};

const note = async ({ db, ring }: Tools, claimed: readonly ClaimedRun[], env: Variables): Promise<void> => {
  const sealed = await Promise.all(
    claimed.map(({ id, orgId }) => ring.sealJson(orgId, env, additionalData.runVariables(id))),
  );
  await withOrg(db, claimed[0]?.orgId ?? '', async (tx) => {
    for (const [index, { id, variablesSealed: before }] of claimed.entries()) {
      const asSeen = before ? eq(runs.variablesSealed, before) : isNull(runs.variablesSealed);
      const noted = await tx
        .update(runs)
        .set({ variablesSealed: sealed[index] ?? null })
        .where(and(eq(runs.id, id), asSeen))
        .returning({ id: runs.id });
      if (noted.length === 0) throw new Error(`Another process has given the run ${id} its variables.`);
    }
  });
};
