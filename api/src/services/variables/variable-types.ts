import { tables, type Transaction } from '@everwave/schema/db';
import type { VariableTypes } from '@everwave/schema/flow';
import { eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';

const { variables } = tables;

/** The org's variables, as far as a drawing's validation needs them. */
export const variableTypes = async (
  tx: Transaction,
  { caller }: Pick<ServiceContext, 'caller'>,
): Promise<VariableTypes> => {
  const rows = await tx
    .select({ name: variables.name, type: variables.type })
    .from(variables)
    .where(eq(variables.orgId, caller.orgId));
  return new Map(rows.map(({ name, type }) => [name, type]));
};
