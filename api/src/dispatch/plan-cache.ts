import { tables, type Transaction } from '@everwave/schema/db';
import type { Plan } from '@everwave/schema/flow';
import { and, eq } from 'drizzle-orm';

const { plans } = tables;

/** Plans by their hash: what never changes is read once. */
export interface PlanCache {
  /** Throws when the database does not have the plan. */
  find(tx: Transaction, orgId: string, planHash: string): Promise<Plan>;
}

const kept = 200;

export const createPlanCache = (): PlanCache => {
  const known = new Map<string, Plan>();
  return {
    find: async (tx, orgId, planHash) => {
      const key = `${orgId} ${planHash}`;
      const plan = known.get(key) ?? (await readPlan(tx, orgId, planHash));
      known.delete(key);
      known.set(key, plan);
      for (const oldest of [...known.keys()].slice(0, -kept)) known.delete(oldest);
      return plan;
    },
  };
};

/** Throws when the database does not have the plan. */
export const readPlan = async (tx: Transaction, orgId: string, planHash: string): Promise<Plan> => {
  const [row] = await tx
    .select({ plan: plans.plan })
    .from(plans)
    .where(and(eq(plans.orgId, orgId), eq(plans.hash, planHash)));
  if (!row) throw new Error(`The plan ${planHash} of ${orgId} is missing. Restore the table plans from a backup.`);
  return row.plan;
};
