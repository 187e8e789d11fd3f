import type { Variable } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { asc, eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { shownValue, toVariable, usesOfVariable } from './to-variable.ts';

const { variables } = tables;

/** All of them: an org has at most 500. */
export const listVariables = async (context: ServiceContext): Promise<{ items: Variable[] }> => {
  const { db, caller } = context;
  const { rows, uses } = await withOrg(db, caller.orgId, async (tx) => ({
    rows: await tx.select().from(variables).where(eq(variables.orgId, caller.orgId)).orderBy(asc(variables.name)),
    uses: await usesOfVariable(tx, context, null),
  }));
  const items = rows.map(async (row) => toVariable(row, await shownValue(context, row), uses.get(row.name)));
  return { items: await Promise.all(items) };
};
