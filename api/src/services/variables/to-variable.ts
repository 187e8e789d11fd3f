import type { Variable } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import type { Json } from '@everwave/schema/flow';
import { flowIdSchema } from '@everwave/schema/ids';
import { additionalData } from '@everwave/temporal/encryption';
import { and, eq, sql } from 'drizzle-orm';
import { within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';

const { flows, flowVersions, plans, variables } = tables;

export type VariableRow = typeof variables.$inferSelect;

export interface VariableUse {
  readonly flowId: string;
  readonly name: string;
  /** Whether the caller may see that flow: its name is not told to others. */
  readonly isShown: boolean;
}

export const ofCaller = ({ caller }: Pick<ServiceContext, 'caller'>, name: string) =>
  and(eq(variables.orgId, caller.orgId), eq(variables.name, name));

/** Flows that are switched on and whose live version, or a sub-flow in it, reads the variable; of all when null. */
export const usesOfVariable = async (
  tx: Transaction,
  { caller }: Pick<ServiceContext, 'caller'>,
  name: string | null,
): Promise<ReadonlyMap<string, readonly VariableUse[]>> => {
  const named = sql<string>`named.name`;
  const isShown = sql<boolean>`${within({ caller, permission: 'flows:read' }, 'flow', flows.id) ?? true}`;
  const rows = await tx
    .select({ variable: named, flowId: flows.id, name: flows.name, isShown })
    .from(flows)
    .innerJoin(flowVersions, and(eq(flowVersions.flowId, flows.id), eq(flowVersions.version, flows.liveVersion)))
    .innerJoin(plans, and(eq(plans.orgId, flows.orgId), eq(plans.hash, flowVersions.planHash)))
    .innerJoin(sql`lateral jsonb_object_keys(${plans.plan} -> 'variables') as named(name)`, sql`true`)
    .where(
      and(
        eq(flows.orgId, caller.orgId),
        eq(flows.status, 'active'),
        name === null ? undefined : sql`named.name = ${name}`,
      ),
    )
    .orderBy(flows.name);
  return Map.groupBy(rows, ({ variable }) => variable);
};

/** Throws where live flows read it. `deed` says what cannot be done meanwhile. */
export const refuseInUse = async (
  tx: Transaction,
  context: Pick<ServiceContext, 'caller'>,
  name: string,
  deed: string,
): Promise<void> => {
  const uses = (await usesOfVariable(tx, context, name)).get(name) ?? [];
  if (uses.length === 0) return;
  const shown = uses.filter(({ isShown }) => isShown);
  const others = uses.length - shown.length;
  const list = [...shown.map((use) => use.name), ...(others > 0 ? [`${others} that you have no access to`] : [])];
  throw problem('variable_in_use', `Live flows read env.${name}: ${list.join(', ')}. ${deed}`, {
    errors: shown.map(({ flowId, name: flow }) => ({ path: flowId, message: `${flow} reads it.` })),
  });
};

/** The value as it may be shown: of a secret one nothing. */
export const shownValue = async ({ ring }: Pick<ServiceContext, 'ring'>, row: VariableRow): Promise<Json> =>
  row.type === 'secret'
    ? null
    : ring.openJson<Json>(row.orgId, row.valueSealed, additionalData.variableValue(row.orgId, row.name));

/** Fetches the key that its value is sealed with, so that no transaction waits for a second connection. */
export const holdKey = async (context: Pick<ServiceContext, 'db' | 'caller' | 'ring'>, name: string): Promise<void> => {
  const [row] = await withOrg(context.db, context.caller.orgId, (tx) =>
    tx.select().from(variables).where(ofCaller(context, name)),
  );
  if (row) await shownValue(context, row);
};

export const toVariable = (row: VariableRow, value: Json, usedBy: readonly VariableUse[] = []): Variable => ({
  name: row.name,
  type: row.type,
  description: row.description,
  value,
  usedBy: usedBy
    .filter(({ isShown }) => isShown)
    .map(({ flowId, name }) => ({ flowId: flowIdSchema.parse(flowId), name })),
  usedByOthers: usedBy.filter(({ isShown }) => !isShown).length,
  updatedBy: row.updatedBy,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

/** For the audit trail, which tells of sealed bytes only that they changed. */
export const said = ({ type, description, valueSealed }: VariableRow, value: Json) =>
  type === 'secret' ? { type, description, valueSealed } : { type, description, value };
