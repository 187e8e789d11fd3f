import { tables, type Transaction } from '@everwave/schema/db';
import type { PlanVariables, VariableType } from '@everwave/schema/flow';
import { and, eq, inArray } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';

const { plans, variables } = tables;

/**
 * Refuses to let a plan go live that reads a variable which is not there, or which became secret or ceased to be since it
 * was compiled. Holds their rows, so that none is deleted before this is committed.
 */
export const requireVariables = async (
  tx: Transaction,
  { caller }: Pick<ServiceContext, 'caller'>,
  planHash: string,
): Promise<void> => {
  const [found] = await tx
    .select({ plan: plans.plan })
    .from(plans)
    .where(and(eq(plans.orgId, caller.orgId), eq(plans.hash, planHash)));
  const needed = Object.entries(found?.plan.variables ?? {});
  if (needed.length === 0) return;
  const names = needed.map(([name]) => name);
  const rows = await tx
    .select({ name: variables.name, type: variables.type })
    .from(variables)
    .where(and(eq(variables.orgId, caller.orgId), inArray(variables.name, names)))
    .orderBy(variables.name)
    .for('share');
  const types = new Map(rows.map(({ name, type }) => [name, type]));
  const errors = needed.flatMap(([name, use]) => {
    const message = faultOf(use, types.get(name));
    return message ? [{ path: `env.${name}`, message }] : [];
  });
  if (errors.length === 0) return;
  const list = errors.map(({ path }) => path).join(', ');
  const advice = 'Add them under Settings, Variables, or publish a version that reads them as they are.';
  throw problem('variables_missing', `This version cannot read ${list}. ${advice}`, { errors });
};

const faultOf = (use: PlanVariables[string], type: VariableType | undefined): string | null => {
  if (type === undefined) return 'There is no such variable.';
  if ((type === 'secret') === (use === 'secret')) return null;
  return type === 'secret'
    ? 'It is secret now; this version reads its value.'
    : 'It is no longer secret; this version reads a secret.';
};
